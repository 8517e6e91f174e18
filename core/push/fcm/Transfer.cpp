#include "push/fcm/Transfer.h"

#include "carillon/Errors.h"

#include <algorithm>
#include <cstring>

namespace carillon::push::fcm
{
namespace
{

/// Idle connections older than this are not used again: an address that the name no longer has must not live for ever.
constexpr long longestIdleSeconds = 300;

/// So much later than libcurl's own timeout do we end a transfer ourselves.
constexpr std::chrono::milliseconds grace{20};

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

    // The body comes by callback, and cannot be rewound once read: libcurl would otherwise silently send it again when a connection
    // that it used before turns out to be dead, and a patient would get the same push twice.
    set(CURLOPT_POST, 1L);
    set(CURLOPT_READFUNCTION, &Transfer::readBody);
    set(CURLOPT_READDATA, this);
    set(CURLOPT_SEEKFUNCTION, &Transfer::rewindBody);
    set(CURLOPT_SEEKDATA, this);
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
        throw Error("libcurl does not know option " + std::to_string(static_cast<int>(option)) + "; install libcurl 7.88 or later with OpenSSL");
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
    _wasRewound = false;
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
    switch (code)
    {
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST: return TransportProblem::Resolve;
    case CURLE_COULDNT_CONNECT: return TransportProblem::Connect;
    case CURLE_SSL_CONNECT_ERROR: return TransportProblem::Tls;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR: return TransportProblem::Untrusted;
    case CURLE_OPERATION_TIMEDOUT: return now >= _group->deadline() ? TransportProblem::Deadline : TransportProblem::Timeout;
    case CURLE_WRITE_ERROR: return _isTooLarge ? TransportProblem::TooLarge : TransportProblem::Lost;
    default: return wasRefusedUnprocessed(code) ? TransportProblem::Unprocessed : TransportProblem::Lost;
    }
}

bool Transfer::wasRefusedUnprocessed(CURLcode code) const
{
    (void)code;
    return false;
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
    transfer._wasRewound = true;
    return CURL_SEEKFUNC_FAIL;
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
