#include "process/ChildControl.h"

#include <utility>

namespace carillon::process
{

ChildControl::Subscription::Subscription(Subscription&& other) noexcept
    : _control(std::exchange(other._control, nullptr)),
      _id(std::exchange(other._id, 0))
{
}

ChildControl::Subscription& ChildControl::Subscription::operator=(Subscription&& other) noexcept
{
    if (this == &other) return *this;
    if (_control != nullptr) _control->unsubscribe(_id);
    _control = std::exchange(other._control, nullptr);
    _id = std::exchange(other._id, 0);
    return *this;
}

ChildControl::Subscription::~Subscription()
{
    if (_control != nullptr) _control->unsubscribe(_id);
}

void ChildControl::stop(bool orphaned)
{
    const std::lock_guard lock(_mutex);
    _orphaned = _orphaned || orphaned;
    stopLocked();
}

void ChildControl::stopLocked()
{
    if (_stopping) return;
    _stopping = true;
    _changed.notify_all();
    for (const auto& [id, callbacks] : _callbacks)
        if (callbacks.stop) callbacks.stop();
}

void ChildControl::hurry()
{
    const std::lock_guard lock(_mutex);
    stopLocked();
    if (_hurried) return;
    _hurried = true;
    _changed.notify_all();
    for (const auto& [id, callbacks] : _callbacks)
        if (callbacks.hurry) callbacks.hurry();
}

void ChildControl::setQuiet(bool quiet)
{
    const std::lock_guard lock(_mutex);
    if (_quiet == quiet) return;
    _quiet = quiet;
    _changed.notify_all();
    for (const auto& [id, callbacks] : _callbacks)
        if (callbacks.quiet) callbacks.quiet(quiet);
}

bool ChildControl::isStopping() const
{
    const std::lock_guard lock(_mutex);
    return _stopping;
}

bool ChildControl::isHurried() const
{
    const std::lock_guard lock(_mutex);
    return _hurried;
}

bool ChildControl::isQuiet() const
{
    const std::lock_guard lock(_mutex);
    return _quiet;
}

bool ChildControl::isOrphaned() const
{
    const std::lock_guard lock(_mutex);
    return _orphaned;
}

ChildControl::Subscription ChildControl::onStop(std::function<void()> callback)
{
    return subscribe({.stop = std::move(callback), .hurry = {}, .quiet = {}});
}

ChildControl::Subscription ChildControl::onHurry(std::function<void()> callback)
{
    return subscribe({.stop = {}, .hurry = std::move(callback), .quiet = {}});
}

ChildControl::Subscription ChildControl::onQuiet(std::function<void(bool)> callback)
{
    return subscribe({.stop = {}, .hurry = {}, .quiet = std::move(callback)});
}

ChildControl::Subscription ChildControl::subscribe(Callbacks callbacks)
{
    const std::lock_guard lock(_mutex);
    // What was told before somebody listened is told now: no order of start-up loses a stop.
    if (_stopping && callbacks.stop) callbacks.stop();
    if (_hurried && callbacks.hurry) callbacks.hurry();
    if (_quiet && callbacks.quiet) callbacks.quiet(true);
    const auto id = _nextId++;
    _callbacks.emplace(id, std::move(callbacks));
    return {*this, id};
}

void ChildControl::unsubscribe(std::uint64_t id)
{
    const std::lock_guard lock(_mutex);
    _callbacks.erase(id);
}

void ChildControl::inspect(const std::function<void(bool, bool)>& action) const
{
    const std::lock_guard lock(_mutex);
    action(_stopping, _quiet);
}

bool ChildControl::waitForStop(std::chrono::milliseconds timeout) const
{
    std::unique_lock lock(_mutex);
    return _changed.wait_for(lock, timeout, [this] { return _stopping; });
}

bool ChildControl::waitForHurry(std::chrono::milliseconds timeout) const
{
    std::unique_lock lock(_mutex);
    return _changed.wait_for(lock, timeout, [this] { return _hurried; });
}

} // namespace carillon::process
