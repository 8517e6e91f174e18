#pragma once

#include "push/fcm/FcmClient.h"

#include "support/fakefcm/FakeFcm.h"

#include <cppunit/TestFixture.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace carillon::tests
{

/// Counts what the client tells of.
class CountingObserver final : public push::fcm::FcmObserver
{
public:
    void pushed(const push::PushResult& result, std::chrono::microseconds duration) override;
    void tokenRequested(std::string_view code, std::chrono::microseconds duration) override;
    void breakerChanged(bool isOpen) override;

    int count(push::PushOutcome outcome) const;
    std::vector<std::string> tokenCodes() const;
    int timesOpened() const;

private:
    mutable std::mutex _mutex;
    std::map<push::PushOutcome, int> _outcomes;
    std::vector<std::string> _tokenCodes;
    int _opened = 0;
};

/// The real client against the fake FCM.
class FcmBench : public CppUnit::TestFixture
{
public:
    void tearDown() override;

protected:
    /// Starts the fake; `arguments` are its further options.
    void startFake(std::vector<std::string> arguments = {"--accept-any"});

    /// Options that reach the fake; tests change them before client().
    push::fcm::FcmOptions& options() { return _options; }
    push::fcm::FcmClient& client();
    void dropClient() { _client.reset(); }
    FakeFcm& fake() { return *_fake; }
    CountingObserver& observer() { return _observer; }

    static push::PushRequest request(const std::string& address);
    static std::vector<push::PushRequest> requests(std::size_t count, const std::string& prefix = "address-");

    /// Pushes and checks that the sink was called exactly once for each, on this thread.
    std::vector<push::PushResult> push(std::span<const push::PushRequest> requests,
                                       std::chrono::milliseconds within = std::chrono::seconds(20));
    push::PushResult push(const push::PushRequest& request, std::chrono::milliseconds within = std::chrono::seconds(20));
    push::PushResult push(const std::string& address) { return push(request(address)); }

    /// Outcome and code of a result, for comparing: `transient UNAVAILABLE`.
    static std::string text(const push::PushResult& result);

    /// How many POSTs to the token endpoint, and to messages:send, the fake saw.
    std::size_t tokenRequests() const;
    std::size_t sendRequests() const;
    std::size_t connections() const;

private:
    std::unique_ptr<FakeFcm> _fake;
    push::fcm::FcmOptions _options;
    CountingObserver _observer;
    std::unique_ptr<push::fcm::FcmClient> _client;
};

} // namespace carillon::tests
