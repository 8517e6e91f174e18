#include "fcm/FaultPlan.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace carillon::fakefcm
{

namespace
{

const std::string anyMessageKey = "*";
const std::string tokenEndpointKey = "/token";

std::string keyOf(char kind, std::string_view name, std::string_view value)
{
    std::string key{kind};
    key.append(name).append(1, '\0').append(value);
    return key;
}

std::string keyOf(const FaultMatch& match)
{
    if (match.tokenEndpoint) return tokenEndpointKey;
    if (!match.address.empty()) return keyOf('a', match.address, {});
    if (!match.data.empty()) return keyOf('d', match.data.front().first, match.data.front().second);
    if (!match.notification.empty()) return keyOf('n', match.notification.front().first, match.notification.front().second);
    return anyMessageKey;
}

std::string_view notificationText(const MessageView& view, std::string_view name) { return name == "title" ? view.title : view.body; }

} // namespace

bool FaultMatch::holds(const MessageView& view) const
{
    if (!address.empty() && view.target != address) return false;
    const auto hasData = [&](const auto& pair)
    { return member(view.data, pair.first) != nullptr && text(member(view.data, pair.first)) == pair.second; };
    const auto hasText = [&](const auto& pair) { return notificationText(view, pair.first) == pair.second; };
    return std::all_of(data.begin(), data.end(), hasData) && std::all_of(notification.begin(), notification.end(), hasText);
}

void FaultPlan::add(FaultScript script)
{
    FaultScript& added = *_scripts.emplace_back(std::make_unique<FaultScript>(std::move(script)));
    const std::string key = keyOf(added.match);
    if (key.front() == 'd' || key.front() == 'n') ++_byContent;
    _index[key].push_back(&added);
}

void FaultPlan::clear()
{
    _index.clear();
    _scripts.clear();
    _byContent = 0;
}

const FaultAction* FaultPlan::next(const MessageView& view)
{
    if (_scripts.empty()) return nullptr;
    if (const FaultAction* action = nextOf(keyOf('a', view.target, {}), &view)) return action;
    if (_byContent > 0)
    {
        if (view.data != nullptr)
        {
            for (const auto& [name, value] : view.data->get_ref<const Json::object_t&>())
            {
                if (const FaultAction* action = nextOf(keyOf('d', name, text(&value)), &view)) return action;
            }
        }
        for (const std::string_view name : {"title", "body"})
        {
            if (const FaultAction* action = nextOf(keyOf('n', name, notificationText(view, name)), &view)) return action;
        }
    }
    return nextOf(anyMessageKey, &view);
}

const FaultAction* FaultPlan::nextForTokenEndpoint() { return nextOf(tokenEndpointKey, nullptr); }

const FaultAction* FaultPlan::nextOf(const std::string& key, const MessageView* view)
{
    const auto found = _index.find(key);
    if (found == _index.end()) return nullptr;
    for (FaultScript* script : found->second)
    {
        if (view != nullptr && !script->match.holds(*view)) continue;
        const auto step =
            std::find_if(script->steps.begin(), script->steps.end(), [](const FaultStep& candidate) { return candidate.left != 0U; });
        if (step == script->steps.end()) continue;
        if (step->probability < 1.0 && std::uniform_real_distribution<double>(0.0, 1.0)(_random) >= step->probability) continue;
        if (step->left) --*step->left;
        return &step->action;
    }
    return nullptr;
}

} // namespace carillon::fakefcm
