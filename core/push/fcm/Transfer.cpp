#include "push/fcm/Transfer.h"

#include "carillon/Errors.h"

#include <openssl/ssl.h>

#include <algorithm>
#include <cstring>
#include <string_view>

namespace carillon::push::fcm
{
namespace
{

/// Idle connections older than this are not used again: an address that the name no longer has must not live for ever.
constexpr long longestIdleSeconds = 300;

/// So much later than libcurl's own timeout do we end a transfer ourselves.
constexpr std::chrono::milliseconds grace{20};

/// By what TLS agreed on: libcurl tells the version of an answer only, and here there is none.
bool isHttp2(CURL* handle)
{
    curl_tlssessioninfo* tls = nullptr;
    if (curl_easy_getinfo(handle, CURLINFO_TLS_SSL_PTR, &tls) != CURLE_OK || tls == nullptr) return false;
    if (tls->backend != CURLSSLBACKEND_OPENSSL || tls->internals == nullptr) return false;
    const unsigned char* name = nullptr;
    unsigned length = 0;
    SSL_get0_alpn_selected(static_cast<const SSL*>(tls->internals), &name, &length);
    return length == 2 && std::memcmp(name, "h2", 2) == 0;
}

} // namespace

Transfer::Transfer(const HttpOptions& options) : _options(options), _handle(curl_easy_init())
{
    if (_handle == nullptr) throw Error("libcurl cannot make a handle; is there memory left?");
    set(CURLOPT_PRIVATE, this);
    set(CURLOPT_ERRORBUFFER, _errorText.data());
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_PROTOCOLS_STR, "https");
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
    // Wait for a stream on a connection that is being made, rather than make one for each.
    set(CURLOPT_PIPEWAIT, 1L);
    set(CURLOPT_SSL_VERIFYPEER, 1L);
    set(CURLOPT_SSL_VERIFYHOST, 2L);
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (!_options.caFile.empty()) set(CURLOPT_CAINFO, _options.caFile.c_str());
    set(CURLOPT_USERAGENT, _options.userAgent.c_str());
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(_options.connectTimeout.count()));
    set(CURLOPT_MAXAGE_CONN, longestIdleSeconds);
    set(CURLOPT_TCP_KEEPALIVE, 1L);
    // At the end do not wait for a name server that does not answer.
    set(CURLOPT_QUICK_EXIT, 1L);

    // When a connection that was used before turns out to be dead, libcurl silently sends the request again on a new one, and a patient
    // would get the same push twice. Two locks: a body by callback that cannot be rewound once read, and, as libcurl 7.88 sometimes goes on
    // without rewinding, a look before each request goes out.
    set(CURLOPT_POST, 1L);
    set(CURLOPT_READFUNCTION, &Transfer::readBody);
    set(CURLOPT_READDATA, this);
    set(CURLOPT_SEEKFUNCTION, &Transfer::rewindBody);
    set(CURLOPT_SEEKDATA, this);
    set(CURLOPT_PREREQFUNCTION, &Transfer::beforeRequest);
    set(CURLOPT_PREREQDATA, this);
    set(CURLOPT_WRITEFUNCTION, &Transfer::writeAnswer);
    set(CURLOPT_WRITEDATA, this);
}

Transfer::~Transfer()
{
    curl_easy_cleanup(_handle);
    curl_slist_free_all(_headers);
}

template <typename Value>
void Transfer::set(CURLoption option, Value value)
{
    if (curl_easy_setopt(_handle, option, value) != CURLE_OK)
        throw Error("libcurl does not know option " + std::to_string(static_cast<int>(option)) +
                    "; install libcurl 7.88 or later with OpenSSL");
}

Transfer& Transfer::of(CURL* handle)
{
    char* self = nullptr;
    curl_easy_getinfo(handle, CURLINFO_PRIVATE, &self);
    return *static_cast<Transfer*>(static_cast<void*>(self));
}

void Transfer::begin(HttpGroup& group, HttpPost post, SteadyPoint now)
{
    _group = &group;
    _post = std::move(post);
    _started = now;
    _bodyRead = 0;
    _wasHttp2AtRewind = false;
    _isTooLarge = false;
    _answer.clear();
    _errorText[0] = '\0';

    curl_slist_free_all(_headers);
    _headers = nullptr;
    for (const auto& header : _post.target->headers) append(header);
    if (!_post.extraHeader.empty()) append(_post.extraHeader);
    // The server's "100 Continue" would cost a round trip.
    append("Expect:");

    set(CURLOPT_URL, _post.target->url.c_str());
    set(CURLOPT_HTTPHEADER, _headers);
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(_post.body.size()));
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(group.deadline() - now);
    const auto longest = std::clamp(left, std::chrono::milliseconds(1), std::max(_options.timeout, std::chrono::milliseconds(1)));
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(longest.count()));
    _lastMoment = now + longest + grace;
}

std::optional<TransportProblem> Transfer::overdue(SteadyPoint now) const
{
    if (now < _lastMoment) return std::nullopt;
    return now >= _group->deadline() ? TransportProblem::Deadline : TransportProblem::Timeout;
}

void Transfer::append(const std::string& header)
{
    curl_slist* longer = curl_slist_append(_headers, header.c_str());
    if (longer == nullptr) throw Error("libcurl has no memory for a header");
    _headers = longer;
}

HttpAnswer Transfer::end(CURLcode code, SteadyPoint now)
{
    HttpAnswer answer = collect(now);
    if (code != CURLE_OK) answer.problem = problemOf(code, now);
    return answer;
}

HttpAnswer Transfer::cancel(TransportProblem problem, SteadyPoint now)
{
    HttpAnswer answer = collect(now);
    answer.problem = problem;
    // Of one that never began libcurl still tells the status of the post before.
    if (_bodyRead == 0) answer.status = 0;
    return answer;
}

HttpAnswer Transfer::collect(SteadyPoint now)
{
    HttpAnswer answer;
    long status = 0;
    curl_easy_getinfo(_handle, CURLINFO_RESPONSE_CODE, &status);
    answer.status = static_cast<int>(status);
    answer.body = std::move(_answer);
    curl_header* retryAfter = nullptr;
    if (curl_easy_header(_handle, "Retry-After", 0, CURLH_HEADER, -1, &retryAfter) == CURLHE_OK) answer.retryAfter = retryAfter->value;
    // A server acts on a whole request only; what libcurl has not even read cannot have reached it.
    answer.mayBeProcessed = _bodyRead == _post.body.size();
    answer.duration = std::chrono::duration_cast<std::chrono::microseconds>(now - _started);
    return answer;
}

TransportProblem Transfer::problemOf(CURLcode code, SteadyPoint now) const
{
    if (code == CURLE_OPERATION_TIMEDOUT) return now >= _group->deadline() ? TransportProblem::Deadline : TransportProblem::Timeout;
    if (_isTooLarge) return TransportProblem::TooLarge;
    if (_bodyRead > 0) return wasRefusedUnprocessed(code) ? TransportProblem::Unprocessed : TransportProblem::Lost;
    switch (code)
    {
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST: return TransportProblem::Resolve;
    case CURLE_COULDNT_CONNECT: return TransportProblem::Connect;
    case CURLE_SSL_CONNECT_ERROR: return TransportProblem::Tls;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR: return TransportProblem::Untrusted;
    default: return TransportProblem::Lost;
    }
}

/// Whether the server said, by GOAWAY or RST_STREAM with REFUSED_STREAM, that it did not look at the request.
///
/// libcurl has no code for that. What 7.88 does was found out by experiment and is held by DeadConnectionTest: with other streams open it
/// wants to send again, and our refusal to rewind is the first error it speaks of (a connection that died is spoken of before); with no
/// other stream open it gives up with CURLE_HTTP2 and without a word. Other versions may differ, and a wrong guess here is a push sent
/// twice: there the result stays ambiguous.
bool Transfer::wasRefusedUnprocessed(CURLcode code) const
{
    static const unsigned version = curl_version_info(CURLVERSION_NOW)->version_num >> 8;
    if (version != 0x0758) return false;
    const std::string_view error(_errorText.data());
    if (code == CURLE_HTTP2) return error.empty();
    return _wasHttp2AtRewind && (code == CURLE_SEND_FAIL_REWIND || code == CURLE_RECV_ERROR) && error.starts_with("seek callback");
}

std::size_t Transfer::readBody(char* buffer, std::size_t size, std::size_t count, void* self)
{
    auto& transfer = *static_cast<Transfer*>(self);
    const std::size_t length = std::min(size * count, transfer._post.body.size() - transfer._bodyRead);
    std::memcpy(buffer, transfer._post.body.data() + transfer._bodyRead, length);
    transfer._bodyRead += length;
    return length;
}

int Transfer::rewindBody(void* self, curl_off_t offset, int origin)
{
    auto& transfer = *static_cast<Transfer*>(self);
    if (transfer._bodyRead == 0 && offset == 0 && origin == SEEK_SET) return CURL_SEEKFUNC_OK;
    transfer._wasHttp2AtRewind = isHttp2(transfer._handle);
    return CURL_SEEKFUNC_FAIL;
}

int Transfer::beforeRequest(void* self, char*, char*, int, int)
{
    return static_cast<Transfer*>(self)->_bodyRead == 0 ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

std::size_t Transfer::writeAnswer(char* data, std::size_t size, std::size_t count, void* self)
{
    auto& transfer = *static_cast<Transfer*>(self);
    const std::size_t length = size * count;
    const std::size_t room = HttpAnswer::maxBody - transfer._answer.size();
    transfer._answer.append(data, std::min(length, room));
    if (length <= room) return length;
    transfer._isTooLarge = true;
    return 0;
}

} // namespace carillon::push::fcm
