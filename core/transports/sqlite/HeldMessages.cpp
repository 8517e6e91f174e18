#include "transports/sqlite/HeldMessages.h"

namespace carillon::transports::sqlite
{

void HeldMessages::add(const LeasedMessage& message)
{
    const std::lock_guard lock(_mutex);
    _entries.insert_or_assign(message.token, Entry{message, {}});
}

std::optional<LeasedMessage> HeldMessages::find(std::uint64_t handle) const
{
    const std::lock_guard lock(_mutex);
    const auto found = _entries.find(handle);
    return found == _entries.end() ? std::nullopt : std::optional(found->second.message);
}

void HeldMessages::remove(std::uint64_t handle)
{
    const std::lock_guard lock(_mutex);
    _entries.erase(handle);
}

void HeldMessages::endRenewalAt(std::uint64_t handle, SteadyPoint deadline)
{
    const std::lock_guard lock(_mutex);
    if (const auto found = _entries.find(handle); found != _entries.end()) found->second.renewedUntil = deadline;
}

std::size_t HeldMessages::count() const
{
    const std::lock_guard lock(_mutex);
    return _entries.size();
}

std::vector<LeasedMessage> HeldMessages::renewable(SteadyPoint now) const
{
    const std::lock_guard lock(_mutex);
    std::vector<LeasedMessage> result;
    for (const auto& [handle, entry] : _entries)
        if (!entry.renewedUntil || now < *entry.renewedUntil) result.push_back(entry.message);
    return result;
}

std::vector<LeasedMessage> HeldMessages::all() const
{
    const std::lock_guard lock(_mutex);
    std::vector<LeasedMessage> result;
    for (const auto& [handle, entry] : _entries) result.push_back(entry.message);
    return result;
}

} // namespace carillon::transports::sqlite
