#pragma once

#include "push/fcm/FcmParts.h"

namespace carillon::push::fcm
{

/// One call of FcmClient::push: sends what may be sent, waits, and gives every request exactly one result. Of the calling thread.
class PushCall
{
public:
    PushCall(FcmClient::Parts& parts, std::span<const PushRequest> requests, SteadyPoint deadline, const PushProvider::Sink& sink);
    PushCall(const PushCall&) = delete;
    PushCall& operator=(const PushCall&) = delete;

    /// Never throws.
    void run() noexcept;

private:
    struct Item
    {
        ProviderWatch::Admission admission;
        /// With which it was sent last.
        std::shared_ptr<const std::string> token;
        std::string body;
        bool isUnderWay = false;
        bool wasRefusedToken = false;
        /// An answer came, and the provider's watch has seen it.
        bool isJudged = false;
        bool isSettled = false;
    };

    void exchangeAll();
    void fill();
    bool prepare(std::size_t index);
    std::optional<PushResult> withoutCredentials(const PushRequest& request) const;
    void post(std::size_t index);
    void submitPosts();
    void receive();
    void understand(std::size_t index, const HttpAnswer& answer);
    void repeatWithNewToken();
    void finish(std::size_t index, PushResult result, std::chrono::microseconds duration = {});
    void abandonAll() noexcept;

    FcmClient::Parts& _parts;
    const std::span<const PushRequest> _requests;
    const SteadyPoint _deadline;
    const PushProvider::Sink& _sink;
    const ClassificationOptions _classification;

    std::vector<Item> _items;
    std::size_t _next = 0;
    std::size_t _underWay = 0;
    /// Refused for their token; sent again once there is another.
    std::vector<std::size_t> _refusedTokens;
    std::vector<HttpPost> _posts;
    std::shared_ptr<const HttpTarget> _target;
    std::shared_ptr<const std::string> _targetToken;
    HttpGroup _group;
};

} // namespace carillon::push::fcm
