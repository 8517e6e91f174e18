#pragma once

#include "push/PushProvider.h"

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace carillon::tests
{

/// Answers each address by its script, one answer a push, then with `accepted`; keeps every request. One thread.
class ScriptedPushProvider final : public push::PushProvider
{
public:
    std::string name() const override { return "scripted"; }

    void push(std::span<const push::PushRequest> requests, SteadyPoint deadline, const Sink& sink) override
    {
        ++calls;
        lastDeadline = deadline;
        if (beforePush) beforePush();
        for (std::size_t index = 0; index < requests.size(); ++index)
        {
            pushed.push_back(requests[index]);
            if (forgets) continue;
            auto& script = scripts[requests[index].address];
            push::PushResult result{push::PushOutcome::Accepted, "projects/p/messages/" + std::to_string(pushed.size()), {}, 200, {}, {}};
            if (!script.empty())
            {
                result = script.front();
                script.pop_front();
            }
            sink(index, result);
        }
    }

    std::map<std::string, std::deque<push::PushResult>> scripts;
    std::vector<push::PushRequest> pushed;
    /// Runs first; what it throws plays a crash between the intents and the push.
    std::function<void()> beforePush;
    bool forgets = false;
    int calls = 0;
    SteadyPoint lastDeadline{};
};

} // namespace carillon::tests
