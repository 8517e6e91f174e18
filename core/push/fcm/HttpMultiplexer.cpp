#include "push/fcm/HttpMultiplexer.h"

#include "push/fcm/Transfer.h"

#include "carillon/Errors.h"

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <thread>

namespace carillon::push::fcm
{
namespace
{

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// The longest sleep when nothing is due; every event wakes it earlier.
constexpr milliseconds longestSleep{10000};

/// A caller that had less time than this proves nothing about the connection.
constexpr milliseconds shortestSilence{5000};

/// How often the retired multi handle is looked at: libcurl waits for one at a time.
constexpr milliseconds retiredInterval{20};

void startLibcurl()
{
    // Once a process, and never cleaned up: other users of libcurl may be alive until exit.
    static const CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (code != CURLE_OK) throw Error(std::string("libcurl cannot start: ") + curl_easy_strerror(code));
}

} // namespace

HttpGroup::Answers HttpGroup::take()
{
    std::unique_lock lock(_mutex);
    _arrived.wait(lock, [&] { return !_answers.empty(); });
    return std::exchange(_answers, {});
}

void HttpGroup::deliver(std::size_t index, HttpAnswer answer)
{
    const std::lock_guard lock(_mutex);
    _answers.emplace_back(index, std::move(answer));
    // Under the lock: with the last answer the caller may destroy the group.
    _arrived.notify_one();
}

/// The thread and all that belongs to it.
class HttpMultiplexer::Loop
{
public:
    explicit Loop(const HttpOptions& options)
        : _options(options),
          _places(static_cast<std::size_t>(options.connections) * static_cast<std::size_t>(options.maxStreams))
    {
        _multi = makeMulti();
        if (_multi == nullptr) throw Error("libcurl cannot make a multi handle; is there memory left?");
        _thread = std::thread([this] { run(); });
        pthread_setname_np(_thread.native_handle(), "fcm-io");
    }

    ~Loop()
    {
        stop();
        _idle.clear();
        curl_multi_cleanup(_multi);
        curl_multi_cleanup(_retired);
    }

    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    void submit(HttpGroup& group, std::vector<HttpPost> posts, Urgency urgency)
    {
        if (posts.empty()) return;
        {
            const std::lock_guard lock(_mutex);
            if (!_isStopping)
            {
                _arrived.push_back({&group, std::move(posts), 0, urgency});
                curl_multi_wakeup(_multi);
                return;
            }
        }
        Waiting late{&group, std::move(posts), 0, urgency};
        answerAll(late, TransportProblem::Stopping);
    }

    void stop()
    {
        const std::lock_guard joining(_joinMutex);
        {
            const std::lock_guard lock(_mutex);
            _isStopping = true;
            curl_multi_wakeup(_multi);
        }
        if (_thread.joinable()) _thread.join();
    }

private:
    /// Posts of one caller that have no place yet: those from `next` on.
    struct Waiting
    {
        HttpGroup* group;
        std::vector<HttpPost> posts;
        std::size_t next;
        Urgency urgency;
    };

    /// A post under way, and the multi handle that has it.
    struct Active
    {
        std::unique_ptr<Transfer> transfer;
        CURLM* multi;
    };

    /// Null without memory.
    CURLM* makeMulti() const
    {
        CURLM* multi = curl_multi_init();
        if (multi == nullptr) return nullptr;
        curl_multi_setopt(multi, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
        curl_multi_setopt(multi, CURLMOPT_MAX_CONCURRENT_STREAMS, static_cast<long>(_options.maxStreams));
        curl_multi_setopt(multi, CURLMOPT_MAX_HOST_CONNECTIONS, static_cast<long>(_options.connections));
        return multi;
    }

    void run()
    {
        while (takeArrived())
        {
            expireWaiting();
            fillPlaces();
            bool isAnyDone = perform(_multi);
            if (_retired != nullptr) isAnyDone |= perform(_retired);
            cancelActive([now = steady_clock::now()](const Active& active) { return active.transfer->overdue(now); });
            replaceSilent();
            // Freed places are filled before the thread sleeps.
            if (isAnyDone && !_waiting.empty()) continue;
            curl_multi_poll(_multi, nullptr, 0, static_cast<int>(sleepTime().count()), nullptr);
        }
        abandonAll();
    }

    bool takeArrived()
    {
        std::deque<Waiting> arrived;
        bool isStopping = false;
        {
            const std::lock_guard lock(_mutex);
            arrived.swap(_arrived);
            isStopping = _isStopping;
        }
        std::move(arrived.begin(), arrived.end(), std::back_inserter(_waiting));
        return !isStopping;
    }

    void expireWaiting()
    {
        const auto now = steady_clock::now();
        std::erase_if(_waiting,
                      [&](Waiting& waiting)
                      {
                          if (waiting.group->deadline() > now) return false;
                          answerAll(waiting, TransportProblem::Deadline);
                          return true;
                      });
    }

    /// Callers take turns, so that one with a thousand posts does not hold up the one with a single urgent push.
    void fillPlaces()
    {
        for (auto waiting = _waiting.begin(); waiting != _waiting.end();)
        {
            if (waiting->urgency == Urgency::Normal)
            {
                ++waiting;
                continue;
            }
            while (waiting->next < waiting->posts.size()) start(*waiting);
            waiting = _waiting.erase(waiting);
        }
        while (_active.size() < _places && !_waiting.empty())
        {
            Waiting turn = std::move(_waiting.front());
            _waiting.pop_front();
            start(turn);
            if (turn.next < turn.posts.size()) _waiting.push_back(std::move(turn));
        }
    }

    void start(Waiting& waiting)
    {
        HttpPost post = std::move(waiting.posts[waiting.next++]);
        const std::size_t index = post.index;
        try
        {
            std::unique_ptr<Transfer> transfer;
            if (_idle.empty())
                transfer = std::make_unique<Transfer>(_options);
            else
            {
                transfer = std::move(_idle.back());
                _idle.pop_back();
            }
            transfer->begin(*waiting.group, std::move(post), steady_clock::now());
            if (curl_multi_add_handle(_multi, transfer->handle()) != CURLM_OK) throw Error("libcurl does not take a handle");
            _active.push_back({std::move(transfer), _multi});
        }
        catch (const std::exception&)
        {
            // Out of memory, in practice. Nothing was sent, and the next try may find some.
            HttpAnswer failed;
            failed.problem = TransportProblem::Connect;
            waiting.group->deliver(index, std::move(failed));
        }
    }

    /// True when a transfer ended.
    bool perform(CURLM* multi)
    {
        int running = 0;
        if (curl_multi_perform(multi, &running) != CURLM_OK)
            cancelActive([multi](const Active& active)
                         { return active.multi == multi ? std::optional(TransportProblem::Lost) : std::nullopt; });
        bool isAnyDone = false;
        int left = 0;
        while (const CURLMsg* message = curl_multi_info_read(multi, &left))
        {
            if (message->msg != CURLMSG_DONE) continue;
            // The message is gone with the handle's removal.
            CURL* const handle = message->easy_handle;
            const CURLcode code = message->data.result;
            Transfer& transfer = Transfer::of(handle);
            const auto place =
                std::find_if(_active.begin(), _active.end(), [&](const Active& active) { return active.transfer.get() == &transfer; });
            release(place, transfer.end(code, steady_clock::now()));
            isAnyDone = true;
        }
        return isAnyDone;
    }

    void release(std::vector<Active>::iterator place, HttpAnswer answer)
    {
        learn(*place->transfer, answer);
        curl_multi_remove_handle(place->multi, place->transfer->handle());
        HttpGroup& group = place->transfer->group();
        const std::size_t index = place->transfer->index();
        _idle.push_back(std::move(place->transfer));
        if (place != std::prev(_active.end())) *place = std::move(_active.back());
        _active.pop_back();
        group.deliver(index, std::move(answer));
    }

    /// Finds out that nobody speaks on the other end any more: a post got no answer in time, and no other did since it began.
    void learn(const Transfer& transfer, const HttpAnswer& answer)
    {
        const auto now = steady_clock::now();
        if (answer.status > 0) _lastAnswer = now;
        const bool isOutOfTime = answer.problem == TransportProblem::Timeout || answer.problem == TransportProblem::Deadline;
        if (!isOutOfTime || !answer.mayBeProcessed || answer.duration < std::min(_options.timeout, shortestSilence)) return;
        if (_lastAnswer < transfer.started()) _isSilent = true;
    }

    /// After silence, new posts go over new connections. libcurl would put them on the old one as long as it has streams, until the kernel
    /// gives it up after a quarter of an hour. Those under way there may still be answered.
    void replaceSilent()
    {
        const bool isRetiredIdle =
            std::none_of(_active.begin(), _active.end(), [this](const Active& active) { return active.multi == _retired; });
        if (_retired != nullptr && isRetiredIdle) curl_multi_cleanup(std::exchange(_retired, nullptr));
        if (!std::exchange(_isSilent, false) || _retired != nullptr) return;
        CURLM* const fresh = makeMulti();
        if (fresh == nullptr) return;
        const std::lock_guard lock(_mutex);
        _retired = std::exchange(_multi, fresh);
    }

    milliseconds sleepTime() const
    {
        const auto now = steady_clock::now();
        auto wait = longestSleep;
        for (const Waiting& waiting : _waiting) wait = std::min(wait, std::chrono::ceil<milliseconds>(waiting.group->deadline() - now));
        for (const Active& active : _active) wait = std::min(wait, std::chrono::ceil<milliseconds>(active.transfer->lastMoment() - now));
        if (_retired != nullptr) wait = std::min(wait, retiredInterval);
        return std::max(wait, milliseconds(0));
    }

    /// Takes those away from libcurl for which `problemOf` names a problem.
    template <typename ProblemOf>
    void cancelActive(ProblemOf problemOf)
    {
        const auto now = steady_clock::now();
        // From the back: release() fills a gap with the last one.
        for (std::size_t i = _active.size(); i-- > 0;)
        {
            const std::optional<TransportProblem> problem = problemOf(_active[i]);
            if (problem) release(_active.begin() + static_cast<std::ptrdiff_t>(i), _active[i].transfer->cancel(*problem, now));
        }
    }

    void abandonAll()
    {
        cancelActive([](const Active&) { return TransportProblem::Stopping; });
        for (Waiting& waiting : _waiting) answerAll(waiting, TransportProblem::Stopping);
        _waiting.clear();
    }

    static void answerAll(Waiting& waiting, TransportProblem problem)
    {
        // With its last answer the group may be gone.
        HttpGroup& group = *waiting.group;
        while (waiting.next < waiting.posts.size())
        {
            HttpAnswer answer;
            answer.problem = problem;
            group.deliver(waiting.posts[waiting.next++].index, std::move(answer));
        }
    }

    const HttpOptions _options;
    const std::size_t _places;
    /// Changed by the thread, under the mutex; others wake it under the mutex.
    CURLM* _multi = nullptr;

    std::mutex _mutex;
    std::deque<Waiting> _arrived;
    bool _isStopping = false;
    std::mutex _joinMutex;

    // Of the thread alone.
    std::deque<Waiting> _waiting;
    std::vector<Active> _active;
    std::vector<std::unique_ptr<Transfer>> _idle;
    /// Its connections fell silent; it ends with its last transfer.
    CURLM* _retired = nullptr;
    bool _isSilent = false;
    SteadyPoint _lastAnswer = SteadyPoint::min();
    std::thread _thread;
};

HttpMultiplexer::HttpMultiplexer(const HttpOptions& options)
{
    startLibcurl();
    if (!options.caFile.empty() && access(options.caFile.c_str(), R_OK) != 0)
        throw ConfigurationError("push.fcm.ca_file: cannot read " + options.caFile.string() + ": " + std::strerror(errno) +
                                 "; name a readable PEM file, or leave it empty for the system's certificates");
    _loop = std::make_unique<Loop>(options);
}

HttpMultiplexer::~HttpMultiplexer() = default;

void HttpMultiplexer::submit(HttpGroup& group, std::vector<HttpPost> posts, Urgency urgency)
{
    _loop->submit(group, std::move(posts), urgency);
}

void HttpMultiplexer::stop() { _loop->stop(); }

} // namespace carillon::push::fcm
