#include "fcm/Quotas.h"

#include <algorithm>

namespace carillon::fakefcm
{

namespace
{

using std::chrono::milliseconds;

constexpr milliseconds minute{60000};
constexpr milliseconds hour{3600000};
constexpr milliseconds collapsibleRefill{180000};
constexpr int collapsibleBurst = 20;

bool isCollapsible(const MessageView& view)
{
    const Json* webpushHeaders = member(member(view.message, "webpush"), "headers");
    return view.hasNotification() || !view.collapseKey.empty() || member(webpushHeaders, "Topic", "topic") != nullptr;
}

} // namespace

bool Quotas::spendProject() { return _limits.projectPerMinute == 0 || _project.spend(_clock.now(), minute, _limits.projectPerMinute); }

bool Quotas::spendDevice(const std::string& address)
{
    if (_limits.devicePerMinute == 0 && _limits.devicePerHour == 0) return true;
    Device& device = _devices[address];
    const auto now = _clock.now();
    if (_limits.devicePerMinute != 0 && !device.minute.spend(now, minute, _limits.devicePerMinute)) return false;
    return _limits.devicePerHour == 0 || device.hour.spend(now, hour, _limits.devicePerHour);
}

milliseconds Quotas::deviceDelay(const std::string& address, const MessageView& view)
{
    if (!_limits.collapsibleRule || !isCollapsible(view)) return milliseconds(0);
    const auto now = _clock.now();
    Collapsible& bucket = _collapsibles[address];
    bucket.fullAt = std::max(bucket.fullAt, now) + collapsibleRefill;
    const auto wait = bucket.fullAt - now - collapsibleBurst * collapsibleRefill;
    return std::max(milliseconds(0), std::chrono::ceil<milliseconds>(wait));
}

void Quotas::clear()
{
    _project = {};
    _devices.clear();
    _collapsibles.clear();
}

} // namespace carillon::fakefcm
