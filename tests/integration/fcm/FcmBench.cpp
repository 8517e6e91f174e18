#include "integration/fcm/FcmBench.h"

#include <cppunit/extensions/HelperMacros.h>
#include <fmt/format.h>

#include <set>
#include <thread>

namespace carillon::tests
{

using namespace std::chrono_literals;
using push::PushOutcome;
using push::PushRequest;
using push::PushResult;

void CountingObserver::pushed(const PushResult& result, std::chrono::microseconds)
{
    const std::lock_guard lock(_mutex);
    ++_outcomes[result.outcome];
}

void CountingObserver::tokenRequested(std::string_view code, std::chrono::microseconds)
{
    const std::lock_guard lock(_mutex);
    _tokenCodes.emplace_back(code);
}

void CountingObserver::breakerChanged(bool isOpen)
{
    const std::lock_guard lock(_mutex);
    if (isOpen) ++_opened;
}

int CountingObserver::count(PushOutcome outcome) const
{
    const std::lock_guard lock(_mutex);
    const auto found = _outcomes.find(outcome);
    return found == _outcomes.end() ? 0 : found->second;
}

std::vector<std::string> CountingObserver::tokenCodes() const
{
    const std::lock_guard lock(_mutex);
    return _tokenCodes;
}

int CountingObserver::timesOpened() const
{
    const std::lock_guard lock(_mutex);
    return _opened;
}

void FcmBench::tearDown()
{
    _client.reset();
    _fake.reset();
}

void FcmBench::startFake(std::vector<std::string> arguments)
{
    _fake = std::make_unique<FakeFcm>(std::move(arguments));
    _options.endpoint = _fake->endpoint();
    _options.serviceAccountFile = _fake->serviceAccountFile();
    _options.caFile = _fake->caFile();
    _options.tokenRetryDelay = 10ms;
    _options.tokenHoldOff = 100ms;
}

push::fcm::FcmClient& FcmBench::client()
{
    if (!_client) _client = std::make_unique<push::fcm::FcmClient>(_options, systemClock(), Logger(), &_observer);
    return *_client;
}

PushRequest FcmBench::request(const std::string& address)
{
    PushRequest request;
    request.addressKind = "token";
    request.address = address;
    request.title = "Rappel";
    request.body = "Ouvrez l’application.";
    request.data = {{"reminder_id", address}};
    request.tag = "tag-" + address;
    request.expiresAt = systemClock().now() + 1h;
    return request;
}

std::vector<PushRequest> FcmBench::requests(std::size_t count, const std::string& prefix)
{
    std::vector<PushRequest> all;
    for (std::size_t i = 0; i < count; ++i) all.push_back(request(prefix + std::to_string(i)));
    return all;
}

std::vector<PushResult> FcmBench::push(std::span<const PushRequest> requests, std::chrono::milliseconds within)
{
    std::vector<std::optional<PushResult>> results(requests.size());
    const auto caller = std::this_thread::get_id();
    client().push(requests, systemClock().steady() + within,
                  [&](std::size_t index, PushResult result)
                  {
                      CPPUNIT_ASSERT(index < results.size());
                      CPPUNIT_ASSERT_MESSAGE("second result", !results[index]);
                      CPPUNIT_ASSERT(std::this_thread::get_id() == caller);
                      results[index] = std::move(result);
                  });
    std::vector<PushResult> all;
    for (auto& result : results)
    {
        CPPUNIT_ASSERT_MESSAGE("no result", result.has_value());
        all.push_back(std::move(*result));
    }
    return all;
}

PushResult FcmBench::push(const PushRequest& request, std::chrono::milliseconds within)
{
    return push(std::span(&request, 1), within).front();
}

std::string FcmBench::text(const PushResult& result) { return fmt::format("{} {}", toString(result.outcome), result.code); }

std::size_t FcmBench::tokenRequests() const
{
    std::size_t count = 0;
    for (const auto& seen : _fake->requests()) count += seen.path == "/token" ? 1 : 0;
    return count;
}

std::size_t FcmBench::sendRequests() const
{
    std::size_t count = 0;
    for (const auto& seen : _fake->requests()) count += seen.path.ends_with("/messages:send") ? 1 : 0;
    return count;
}

std::size_t FcmBench::connections() const
{
    std::set<std::uint64_t> all;
    for (const auto& seen : _fake->requests()) all.insert(seen.connection);
    return all.size();
}

} // namespace carillon::tests
