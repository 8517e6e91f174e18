#include "integration/fakefcm/FcmClient.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>
#include <fstream>
#include <stdexcept>

namespace carillon::tests
{

namespace
{

std::size_t keepBody(char* bytes, std::size_t size, std::size_t count, void* user)
{
    static_cast<Reply*>(user)->body.append(bytes, size * count);
    return size * count;
}

std::size_t keepHeader(char* bytes, std::size_t size, std::size_t count, void* user)
{
    const std::string line(bytes, size * count);
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos) return line.size();
    std::string name = line.substr(0, colon);
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const std::size_t start = line.find_first_not_of(' ', colon + 1);
    static_cast<Reply*>(user)->headers[name] = line.substr(start, line.find_last_not_of("\r\n") + 1 - start);
    return line.size();
}

std::string base64Url(const std::string& bytes)
{
    std::string text(bytes.size() * 4 / 3 + 8, '\0');
    const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), reinterpret_cast<const unsigned char*>(bytes.data()),
                                     static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(size));
    std::replace(text.begin(), text.end(), '+', '-');
    std::replace(text.begin(), text.end(), '/', '_');
    text.erase(std::find(text.begin(), text.end(), '='), text.end());
    return text;
}

std::string rs256(const std::string& text, const std::string& privateKey)
{
    const std::unique_ptr<BIO, int (*)(BIO*)> memory(BIO_new_mem_buf(privateKey.data(), static_cast<int>(privateKey.size())), BIO_free);
    const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key(PEM_read_bio_PrivateKey(memory.get(), nullptr, nullptr, nullptr),
                                                             EVP_PKEY_free);
    const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    std::string signature(1024, '\0');
    std::size_t size = signature.size();
    if (!key || EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) != 1 ||
        EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                       reinterpret_cast<const unsigned char*>(text.data()), text.size()) != 1)
        throw std::runtime_error("cannot sign");
    signature.resize(size);
    return signature;
}

Json changed(Json base, const Json& changes)
{
    base.merge_patch(changes);
    return base;
}

} // namespace

struct FcmClient::Transfer
{
    std::unique_ptr<CURL, void (*)(CURL*)> handle{curl_easy_init(), curl_easy_cleanup};
    std::unique_ptr<curl_slist, void (*)(curl_slist*)> headers{nullptr, curl_slist_free_all};
    std::string body;
    Reply reply;
};

std::string Reply::message() const { return json().at("error").value("message", std::string()); }
std::string Reply::rpcStatus() const { return json().at("error").value("status", std::string()); }

std::string Reply::fcmErrorCode() const
{
    const Json found = detail("FcmError");
    return found.is_null() ? std::string() : found.value("errorCode", std::string());
}

Json Reply::detail(const std::string& type) const
{
    for (const Json& detail : json().at("error").value("details", Json::array()))
    {
        if (detail.at("@type").get<std::string>().ends_with("." + type)) return detail;
    }
    return nullptr;
}

FcmClient::FcmClient(const FakeFcm& fake, bool http1) : _fake(fake), _http1(http1), _multi(curl_multi_init(), curl_multi_cleanup)
{
    curl_multi_setopt(_multi.get(), CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
    curl_multi_setopt(_multi.get(), CURLMOPT_MAX_HOST_CONNECTIONS, 1L);
}

std::unique_ptr<FcmClient::Transfer> FcmClient::prepare(const Post& request, bool isPost)
{
    auto transfer = std::make_unique<Transfer>();
    CURL* handle = transfer->handle.get();
    transfer->body = request.body;
    for (const std::string& header : request.headers)
        transfer->headers.reset(curl_slist_append(transfer->headers.release(), header.c_str()));
    curl_easy_setopt(handle, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(handle, CURLOPT_CAINFO, _fake.caFile().c_str());
    curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, _http1 ? CURL_HTTP_VERSION_1_1 : CURL_HTTP_VERSION_2TLS);
    curl_easy_setopt(handle, CURLOPT_PIPEWAIT, 1L);
    curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, 30000L);
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, transfer->headers.get());
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, keepBody);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, &transfer->reply);
    curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, keepHeader);
    curl_easy_setopt(handle, CURLOPT_HEADERDATA, &transfer->reply);
    curl_easy_setopt(handle, CURLOPT_PRIVATE, transfer.get());
    if (!isPost) return transfer;
    curl_easy_setopt(handle, CURLOPT_POST, 1L);
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, transfer->body.data());
    curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE, static_cast<long>(transfer->body.size()));
    return transfer;
}

std::vector<Reply> FcmClient::postAll(const std::vector<Post>& requests)
{
    std::vector<std::unique_ptr<Transfer>> transfers;
    for (const Post& request : requests)
    {
        transfers.push_back(prepare(request, true));
        curl_multi_add_handle(_multi.get(), transfers.back()->handle.get());
    }
    int running = 1;
    while (running > 0)
    {
        curl_multi_perform(_multi.get(), &running);
        int left = 0;
        while (const CURLMsg* message = curl_multi_info_read(_multi.get(), &left))
        {
            Transfer* transfer = nullptr;
            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
            transfer->reply.outcome = message->data.result;
        }
        if (running > 0) curl_multi_poll(_multi.get(), nullptr, 0, 1000, nullptr);
    }
    std::vector<Reply> replies;
    for (const auto& transfer : transfers)
    {
        CURL* handle = transfer->handle.get();
        curl_off_t microseconds = 0;
        curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &transfer->reply.status);
        curl_easy_getinfo(handle, CURLINFO_HTTP_VERSION, &transfer->reply.httpVersion);
        curl_easy_getinfo(handle, CURLINFO_NUM_CONNECTS, &transfer->reply.newConnections);
        curl_easy_getinfo(handle, CURLINFO_TOTAL_TIME_T, &microseconds);
        transfer->reply.took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::microseconds(microseconds));
        curl_multi_remove_handle(_multi.get(), handle);
        replies.push_back(std::move(transfer->reply));
    }
    return replies;
}

Reply FcmClient::post(const Post& request) { return postAll({request}).front(); }

Reply FcmClient::get(const std::string& url)
{
    const auto transfer = prepare({url, {}}, false);
    transfer->reply.outcome = curl_easy_perform(transfer->handle.get());
    curl_easy_getinfo(transfer->handle.get(), CURLINFO_RESPONSE_CODE, &transfer->reply.status);
    return transfer->reply;
}

Post FcmClient::sendRequest(const std::string& body)
{
    return {_fake.sendUrl(), body, {"Authorization: Bearer " + accessToken(), "Content-Type: application/json"}};
}

Reply FcmClient::send(const Json& message) { return sendRaw(Json{{"message", message}}.dump()); }
Reply FcmClient::sendRaw(const std::string& body) { return post(sendRequest(body)); }

Json FcmClient::serviceAccount() const
{
    std::ifstream in(_fake.serviceAccountFile());
    return Json::parse(in);
}

std::string FcmClient::signedAssertion(const Json& header, const Json& claims, const std::string& privateKey)
{
    const std::string text = base64Url(header.dump()) + "." + base64Url(claims.dump());
    return text + "." + base64Url(rs256(text, privateKey));
}

Reply FcmClient::askForToken(const Json& claimChanges, const Json& headerChanges)
{
    const Json account = serviceAccount();
    const auto now = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
    const Json header = changed({{"alg", "RS256"}, {"typ", "JWT"}, {"kid", account.at("private_key_id")}}, headerChanges);
    const Json claims = changed({{"iss", account.at("client_email")},
                                 {"aud", account.at("token_uri")},
                                 {"scope", "https://www.googleapis.com/auth/firebase.messaging"},
                                 {"iat", now - 10},
                                 {"exp", now + 3590}},
                                claimChanges);
    return post(
        {account.at("token_uri").get<std::string>(), "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=" +
                                                         signedAssertion(header, claims, account.at("private_key").get<std::string>())});
}

std::string FcmClient::accessToken()
{
    if (_token.empty()) _token = askForToken().json().at("access_token").get<std::string>();
    return _token;
}

Json dataMessage(const std::string& address, const Json& data) { return {{"token", address}, {"data", data}}; }

} // namespace carillon::tests
