#pragma once

#include "fcm/MessageView.h"
#include "http/Message.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace carillon::fakefcm
{

/// What a scripted fault does to one request. Parts that are not set leave the usual answer as it is.
struct FaultAction
{
    std::optional<int> status;
    std::string errorCode;           ///< FCM's, or OAuth's for the token endpoint
    std::optional<std::string> body; ///< instead of the usual one for status and errorCode
    std::string contentType;
    std::string errorInfo;                           ///< google.rpc.ErrorInfo reason
    std::optional<std::pair<int, std::string>> apns; ///< ApnsError
    std::vector<std::pair<std::string, std::string>> headers;
    std::chrono::milliseconds delay{0};
    std::optional<std::size_t> cutAfterBytes;
    std::size_t padToBytes = 0;
    Interruption interruption = Interruption::None;
    bool deliver = true; ///< whether the message counts as delivered, whatever is answered

    /// Whether the answer is scripted, not only disturbed.
    bool replacesAnswer() const { return status.has_value(); }
};

/// One step of a script: an action and how often it is still to happen.
struct FaultStep
{
    FaultAction action;
    std::optional<std::uint64_t> left; ///< unset: for ever
    double probability = 1.0;          ///< of happening to a request that matches
};

/// Which requests a script is for. All conditions that are set must hold; without any, every request.
struct FaultMatch
{
    bool tokenEndpoint = false;
    std::string address;
    std::vector<std::pair<std::string, std::string>> data;
    std::vector<std::pair<std::string, std::string>> notification; ///< "title", "body"

    bool holds(const MessageView& view) const;
};

/// Steps taken in order; when all are used up, requests are answered as usual again.
struct FaultScript
{
    FaultMatch match;
    std::vector<FaultStep> steps;
};

/// The scripted faults. Of the scripts that match a request the most specific one acts: by address, then by data or notification, then
/// any; among equals the one given first. Not thread-safe.
class FaultPlan
{
public:
    explicit FaultPlan(std::uint64_t seed) : _random(seed) {}

    void add(FaultScript script);
    void clear();
    void reseed(std::uint64_t seed) { _random.seed(seed); }

    /// The action for this message, which is used up by that; null for none.
    const FaultAction* next(const MessageView& view);

    /// The same for a request to the token endpoint.
    const FaultAction* nextForTokenEndpoint();

    /// In the order in which they were given.
    const std::vector<std::unique_ptr<FaultScript>>& scripts() const { return _scripts; }

private:
    const FaultAction* nextOf(const std::string& key, const MessageView* view);

    std::mt19937_64 _random;
    std::vector<std::unique_ptr<FaultScript>> _scripts;

    /// By one condition of each script, so that ten thousand scripted addresses cost one look-up a request.
    std::unordered_map<std::string, std::vector<FaultScript*>> _index;
    std::size_t _byContent = 0; ///< scripts indexed by data or notification
};

} // namespace carillon::fakefcm
