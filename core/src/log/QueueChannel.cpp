#include "log/QueueChannel.h"

#include "log/Loss.h"

#include <condition_variable>
#include <csignal>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

namespace carillon::log
{

/// Shared with the thread, which may outlive the channel when its output hangs.
struct QueueChannel::State
{
    State(Poco::Channel::Ptr output, const Limits& bounds) : target(std::move(output)), limits(bounds) {}

    Poco::Channel::Ptr target;
    const Limits limits;

    std::mutex mutex;
    std::condition_variable hasWork;
    std::condition_variable hasRoom;
    std::condition_variable hasProgress;
    std::deque<Poco::Message> queue;
    std::uint64_t accepted = 0;
    std::uint64_t done = 0;       ///< passed on, or given up
    std::uint64_t lost = 0;       ///< in all
    std::uint64_t unreported = 0; ///< of those, not yet told in the log
    bool isStopping = false;
    bool isEnded = false;
};

QueueChannel::QueueChannel(Poco::Channel::Ptr target, const Limits& limits) : _state(std::make_shared<State>(std::move(target), limits))
{
    // A signal that this thread took would not reach the one that waits for it.
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    std::thread(&QueueChannel::run, _state).detach();
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

QueueChannel::~QueueChannel() { stop(std::chrono::milliseconds{0}); }

void QueueChannel::log(const Poco::Message& message)
{
    State& state = *_state;
    std::unique_lock lock(state.mutex);
    const auto mayEnter = [&] { return state.queue.size() < state.limits.size || state.isStopping; };
    if (!mayEnter())
    {
        const bool mayWait = state.limits.overflow == config::LogOverflow::Block || message.getPriority() <= Poco::Message::PRIO_WARNING;
        if (mayWait) state.hasRoom.wait_for(lock, state.limits.overflowWait, mayEnter);
    }
    if (state.isStopping || !mayEnter())
    {
        ++state.lost;
        ++state.unreported;
        return;
    }
    state.queue.push_back(message);
    ++state.accepted;
    if (state.queue.size() == 1) state.hasWork.notify_one();
}

bool QueueChannel::flush(std::chrono::milliseconds deadline)
{
    State& state = *_state;
    std::unique_lock lock(state.mutex);
    const auto until = state.accepted;
    return state.hasProgress.wait_for(lock, deadline, [&] { return state.done >= until; });
}

void QueueChannel::stop(std::chrono::milliseconds deadline)
{
    State& state = *_state;
    std::unique_lock lock(state.mutex);
    state.isStopping = true;
    state.hasWork.notify_one();
    state.hasRoom.notify_all();
    if (state.hasProgress.wait_for(lock, deadline, [&] { return state.isEnded; })) return;
    state.lost += state.accepted - state.done;
    state.done = state.accepted;
    state.queue.clear();
}

std::uint64_t QueueChannel::lost() const
{
    const std::lock_guard lock(_state->mutex);
    return _state->lost;
}

void QueueChannel::run(std::shared_ptr<State> shared)
{
    State& state = *shared;
    const auto passOn = [&state](const Poco::Message& message)
    {
        try
        {
            state.target->log(message);
            return true;
        }
        catch (...)
        {
            // A full disk, a closed pipe: there is no other place to say so but the log, when it works again.
            return false;
        }
    };

    std::unique_lock lock(state.mutex);
    while (true)
    {
        state.hasWork.wait(lock, [&] { return !state.queue.empty() || state.isStopping; });
        if (state.unreported > 0)
        {
            const auto count = std::exchange(state.unreported, 0);
            lock.unlock();
            const bool isTold = passOn(lossReport(count));
            lock.lock();
            if (!isTold) state.unreported += count;
        }
        if (state.queue.empty() && state.isStopping) break;
        if (state.queue.empty()) continue;

        std::deque<Poco::Message> batch;
        batch.swap(state.queue);
        state.hasRoom.notify_all();
        lock.unlock();
        std::uint64_t refused = 0;
        for (const auto& message : batch) refused += passOn(message) ? 0 : 1;
        lock.lock();
        // After a stop that gave up on us, all of it is counted already.
        if (state.done < state.accepted) state.done += batch.size();
        state.lost += refused;
        state.unreported += refused;
        state.hasProgress.notify_all();
    }
    state.isEnded = true;
    state.hasProgress.notify_all();
}

} // namespace carillon::log
