#include "admin/Lane.h"

#include <memory>

namespace carillon::admin
{

Lane::Lane(int threads, std::function<void(Arrival)> serve) : _serve(std::move(serve))
{
    for (int i = 0; i < threads; ++i) _threads.emplace_back([this] { run(); });
}

Lane::~Lane() { stop(); }

void Lane::push(std::function<void()> work)
{
    {
        const std::lock_guard lock(_mutex);
        _work.push_back(std::move(work));
    }
    _wakeUp.notify_one();
}

void Lane::push(Arrival arrival)
{
    // std::function wants what can be copied.
    auto shared = std::make_shared<Arrival>(std::move(arrival));
    push([this, shared] { _serve(std::move(*shared)); });
}

void Lane::stop()
{
    {
        const std::lock_guard lock(_mutex);
        _stops = true;
    }
    _wakeUp.notify_all();
    for (std::thread& thread : _threads)
        if (thread.joinable()) thread.join();
}

void Lane::run()
{
    while (true)
    {
        std::function<void()> work;
        {
            std::unique_lock lock(_mutex);
            _wakeUp.wait(lock, [this] { return _stops || !_work.empty(); });
            if (_work.empty()) return;
            work = std::move(_work.front());
            _work.pop_front();
        }
        work();
    }
}

} // namespace carillon::admin
