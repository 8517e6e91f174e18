#pragma once

#include "push/fcm/HttpMultiplexer.h"

#include <curl/curl.h>

#include <array>

namespace carillon::push::fcm
{

/// One easy handle of libcurl and what belongs to it, used for one post after the other. Of the multiplexer's thread only.
class Transfer
{
public:
    /// Throws Error when libcurl has no memory.
    explicit Transfer(const HttpOptions& options);
    ~Transfer();
    Transfer(const Transfer&) = delete;
    Transfer& operator=(const Transfer&) = delete;

    CURL* handle() const { return _handle; }
    static Transfer& of(CURL* handle);

    /// Makes it ready to be added to the multi handle.
    void begin(HttpGroup& group, HttpPost post, SteadyPoint now);

    /// What came back, after libcurl was done with it or it was taken away from libcurl: `problem` then says why.
    HttpAnswer end(CURLcode code, SteadyPoint now);
    HttpAnswer cancel(TransportProblem problem, SteadyPoint now);

    /// Set once it had its time and libcurl did not end it: libcurl 7.88 keeps no time for those that wait for a connection.
    std::optional<TransportProblem> overdue(SteadyPoint now) const;
    SteadyPoint lastMoment() const { return _lastMoment; }
    SteadyPoint started() const { return _started; }

    HttpGroup& group() const { return *_group; }
    std::size_t index() const { return _post.index; }

private:
    static std::size_t readBody(char* buffer, std::size_t size, std::size_t count, void* self);
    static int rewindBody(void* self, curl_off_t offset, int origin);
    static int beforeRequest(void* self, char* remoteIp, char* localIp, int remotePort, int localPort);
    static std::size_t writeAnswer(char* data, std::size_t size, std::size_t count, void* self);

    void append(const std::string& header);
    HttpAnswer collect(SteadyPoint now);
    TransportProblem problemOf(CURLcode code, SteadyPoint now) const;
    bool wasRefusedUnprocessed(CURLcode code) const;

    template <typename Value>
    void set(CURLoption option, Value value);

    const HttpOptions& _options;
    CURL* _handle = nullptr;
    curl_slist* _headers = nullptr;
    std::array<char, CURL_ERROR_SIZE> _errorText{};

    HttpGroup* _group = nullptr;
    HttpPost _post;
    SteadyPoint _started{};
    SteadyPoint _lastMoment{};
    std::size_t _bodyRead = 0;
    bool _wasHttp2AtRewind = false;
    bool _isTooLarge = false;
    std::string _answer;
};

} // namespace carillon::push::fcm
