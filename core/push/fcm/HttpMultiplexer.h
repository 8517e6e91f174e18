#pragma once

#include "push/fcm/HttpAnswer.h"

#include "carillon/Clock.h"

#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace carillon::push::fcm
{

/// Where to post, and the headers that all posts there share (`Name: value`).
struct HttpTarget
{
    std::string url;
    std::vector<std::string> headers;
};

struct HttpPost
{
    /// Given back with the answer.
    std::size_t index = 0;
    std::shared_ptr<const HttpTarget> target;
    /// One header of this post alone; empty for none.
    std::string extraHeader;
    std::string body;
};

/// The posts of one caller: what it may wait for, and the answers as they come. Outlives its last answer.
class HttpGroup
{
public:
    using Answers = std::vector<std::pair<std::size_t, HttpAnswer>>;

    /// What has no answer at `deadline` (of std::chrono::steady_clock) gets one that says so.
    explicit HttpGroup(SteadyPoint deadline) : _deadline(deadline) {}
    HttpGroup(const HttpGroup&) = delete;
    HttpGroup& operator=(const HttpGroup&) = delete;

    SteadyPoint deadline() const { return _deadline; }

    /// Blocks until there is at least one answer, and takes all there are.
    Answers take();

    /// By the multiplexer, from its thread.
    void deliver(std::size_t index, HttpAnswer answer);

private:
    const SteadyPoint _deadline;
    std::mutex _mutex;
    std::condition_variable _arrived;
    Answers _answers;
};

struct HttpOptions
{
    std::chrono::milliseconds timeout{15000};
    std::chrono::milliseconds connectTimeout{5000};
    int connections = 1;
    int maxStreams = 100;
    /// PEM; empty: the system's.
    std::filesystem::path caFile;
    std::string userAgent;
};

/// Posts over few, long-lived HTTP/2 connections, many streams on each; HTTP/1.1 where the server knows no better. https only.
///
/// One thread of its own does all the work on the network. Callers hand over posts and wait in their group. Every post is sent at most
/// once: nothing is ever resent behind the caller's back, not even on a connection that turns out to be dead. Redirects are not followed,
/// and nothing of requests and answers is ever written to a log.
class HttpMultiplexer
{
public:
    enum class Urgency
    {
        Normal, ///< waits for one of `connections` × `maxStreams` places, callers taking turns
        High    ///< starts at once: all others wait for its answer
    };

    /// Throws ConfigurationError when `caFile` cannot be read, Error when libcurl cannot start.
    explicit HttpMultiplexer(const HttpOptions& options);

    /// Stops.
    ~HttpMultiplexer();
    HttpMultiplexer(const HttpMultiplexer&) = delete;
    HttpMultiplexer& operator=(const HttpMultiplexer&) = delete;

    /// Each post is answered once, in `group`. Thread-safe; does not block. After stop() all are answered with Stopping.
    void submit(HttpGroup& group, std::vector<HttpPost> posts, Urgency urgency = Urgency::Normal);

    /// Cancels what is under way and waits for the thread's end. Thread-safe.
    void stop();

private:
    class Loop;
    std::unique_ptr<Loop> _loop;
};

} // namespace carillon::push::fcm
