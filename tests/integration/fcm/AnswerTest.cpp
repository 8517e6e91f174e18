#include "integration/fcm/FcmBench.h"

#include <cppunit/extensions/HelperMacros.h>

namespace carillon::tests
{

using namespace std::chrono_literals;
using push::PushOutcome;

/// What FCM says, and what the client makes of it. The whole table is ClassificationTest's; this is the way there.
class AnswerTest : public FcmBench
{
    CPPUNIT_TEST_SUITE(AnswerTest);
    CPPUNIT_TEST(deadAddressesAreTold);
    CPPUNIT_TEST(addressesThatAWrongSetUpWouldCallDeadAreKeptUntilOthersPass);
    CPPUNIT_TEST(aServersWaitIsTold);
    CPPUNIT_TEST(aFailureThatHealsDoesNotOpenTheBreaker);
    CPPUNIT_TEST(anOutageOpensTheBreakerAndItsEndClosesIt);
    CPPUNIT_TEST(theQuotaOfOneAddressStopsNoOther);
    CPPUNIT_TEST(theQuotaOfTheProjectStopsAll);
    CPPUNIT_TEST(aPageOfTheFrontEndIsNoDeadAddress);
    CPPUNIT_TEST(answersThatBreakOffAreAmbiguous);
    CPPUNIT_TEST(aHugeAnswerIsNotReadToItsEnd);
    CPPUNIT_TEST(aSuccessWithoutNameIsAmbiguous);
    CPPUNIT_TEST(aFailureThatWasDeliveredIsTheServersLie);
    CPPUNIT_TEST(aRealPushTakenForADryRunIsAnError);
    CPPUNIT_TEST(redirectsAreNotFollowed);
    CPPUNIT_TEST(anotherProjectIsMisconfigured);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override { options().breaker.failures = 0; }

    void deadAddressesAreTold()
    {
        startFake({});
        fake().registerAddresses({{.text = "gone", .state = "unregistered"}, {.text = "apple", .state = "apns-dead"}, {.text = "fine"}});

        CPPUNIT_ASSERT_EQUAL(std::string("address_dead UNREGISTERED"), text(push("gone")));
        CPPUNIT_ASSERT_EQUAL(std::string("address_dead APNS_Unregistered"), text(push("apple")));
        CPPUNIT_ASSERT_EQUAL(std::string("accepted "), text(push("fine")));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, fake().journal().size());
    }

    void addressesThatAWrongSetUpWouldCallDeadAreKeptUntilOthersPass()
    {
        startFake({});
        fake().registerAddresses({{.text = "other", .state = "mismatched"}, {.text = "fine"}});

        CPPUNIT_ASSERT_EQUAL(std::string("payload_refused SENDER_ID_MISMATCH"), text(push("other")));
        CPPUNIT_ASSERT_EQUAL(std::string("payload_refused INVALID_REGISTRATION"), text(push("never registered")));
        for (int i = 0; i < 16; ++i) push("fine");
        CPPUNIT_ASSERT_EQUAL(std::string("address_dead SENDER_ID_MISMATCH"), text(push("other")));
        CPPUNIT_ASSERT_EQUAL(std::string("address_dead INVALID_REGISTRATION"), text(push("never registered")));
    }

    void aServersWaitIsTold()
    {
        startFake();
        fake().script("a", {{.status = 503, .retryAfter = "30"},
                            {.status = 503, .retryAfter = "86400"},
                            {.status = 503},
                            {.status = 500, .retryAfter = "soon"}});

        CPPUNIT_ASSERT(push("a").retryAfter == 30s);
        CPPUNIT_ASSERT(push("a").retryAfter == 15min);
        const auto plain = push("a");
        CPPUNIT_ASSERT_EQUAL(std::string("transient UNAVAILABLE"), text(plain));
        CPPUNIT_ASSERT(!plain.retryAfter);
        CPPUNIT_ASSERT(!push("a").retryAfter);
        CPPUNIT_ASSERT_EQUAL(std::string("accepted "), text(push("a")));
        CPPUNIT_ASSERT_EQUAL(std::size_t{5}, sendRequests());
    }

    void aFailureThatHealsDoesNotOpenTheBreaker()
    {
        options().breaker.failures = 3;
        startFake();
        fake().script("bad", {{.status = 500, .times = FcmAnswer::forever}});
        for (int i = 0; i < 10; ++i)
        {
            const std::string heals = "heals" + std::to_string(i);
            fake().script(heals, {{.status = 503}});
            CPPUNIT_ASSERT(push("bad").outcome == PushOutcome::Transient);
            CPPUNIT_ASSERT(push(heals).outcome == PushOutcome::Transient);
            CPPUNIT_ASSERT(push(heals).outcome == PushOutcome::Accepted);
        }
        for (int i = 0; i < 10; ++i) CPPUNIT_ASSERT(push("bad").outcome == PushOutcome::Transient);
        CPPUNIT_ASSERT_EQUAL(0, observer().timesOpened());
    }

    void anOutageOpensTheBreakerAndItsEndClosesIt()
    {
        options().breaker = {.failures = 3, .window = 60s, .openFor = 100ms};
        startFake();
        fake().scriptAll({{.status = 503, .times = FcmAnswer::forever}});

        for (int i = 0; i < 3; ++i) CPPUNIT_ASSERT(push("a" + std::to_string(i)).outcome == PushOutcome::Transient);
        const auto refused = push("a4");
        CPPUNIT_ASSERT_EQUAL(std::string("provider_down breaker_open"), text(refused));
        CPPUNIT_ASSERT(refused.retryAfter > 0ms && refused.retryAfter <= 100ms);
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, sendRequests());

        fake().clearFaults();
        const auto end = std::chrono::steady_clock::now() + 10s;
        while (push("a5").outcome != PushOutcome::Accepted) CPPUNIT_ASSERT(std::chrono::steady_clock::now() < end);
        CPPUNIT_ASSERT(!client().isBreakerOpen());
        CPPUNIT_ASSERT_EQUAL(std::size_t{4}, sendRequests());
    }

    void theQuotaOfOneAddressStopsNoOther()
    {
        startFake({"--virtual-clock"});
        fake().registerAddresses({{.text = "busy", .state = "throttled", .perMinute = 1}, {.text = "fine"}});

        CPPUNIT_ASSERT(push("busy").outcome == PushOutcome::Accepted);
        const auto throttled = push("busy");
        CPPUNIT_ASSERT_EQUAL(std::string("throttled QUOTA_EXCEEDED"), text(throttled));
        CPPUNIT_ASSERT(throttled.retryAfter > 0s);
        CPPUNIT_ASSERT(push("fine").outcome == PushOutcome::Accepted);
    }

    void theQuotaOfTheProjectStopsAll()
    {
        startFake({"--accept-any", "--virtual-clock", "--project-quota", "5"});
        for (int i = 0; i < 5; ++i) CPPUNIT_ASSERT(push("a" + std::to_string(i)).outcome == PushOutcome::Accepted);

        CPPUNIT_ASSERT_EQUAL(std::string("throttled RATE_LIMIT_EXCEEDED"), text(push("b")));
        const auto notSent = push("c");
        CPPUNIT_ASSERT_EQUAL(std::string("throttled project_quota"), text(notSent));
        CPPUNIT_ASSERT(notSent.retryAfter > 0s && notSent.retryAfter <= 60s);
        CPPUNIT_ASSERT_EQUAL(std::size_t{6}, sendRequests());
    }

    void aPageOfTheFrontEndIsNoDeadAddress()
    {
        startFake();
        fake().script("a", {{.status = 404, .html = true}, {.status = 502, .html = true}, {.status = 403, .html = true}});
        CPPUNIT_ASSERT_EQUAL(std::string("misconfigured HTTP_404"), text(push("a")));
        CPPUNIT_ASSERT_EQUAL(std::string("transient HTTP_502"), text(push("a")));
        CPPUNIT_ASSERT_EQUAL(std::string("misconfigured HTTP_403"), text(push("a")));
    }

    void answersThatBreakOffAreAmbiguous()
    {
        startFake();
        for (const std::size_t cut : {std::size_t{0}, std::size_t{5}})
        {
            fake().script("a", {{.cutAfterBytes = cut}});
            CPPUNIT_ASSERT_EQUAL(std::string("ambiguous answer_cut"), text(push("a")));
        }
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, sendRequests());
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, fake().journal().size());
    }

    void aHugeAnswerIsNotReadToItsEnd()
    {
        startFake();
        fake().script("a", {{.padToBytes = 10'000'000}, {.status = 500, .padToBytes = 10'000'000}});
        CPPUNIT_ASSERT_EQUAL(std::string("ambiguous answer_too_large"), text(push("a")));
        CPPUNIT_ASSERT(push("a").outcome == PushOutcome::Transient);
        CPPUNIT_ASSERT_EQUAL(std::string("accepted "), text(push("a")));
    }

    void aSuccessWithoutNameIsAmbiguous()
    {
        startFake();
        fake().script("a", {{.status = 200, .body = "not json"}, {.status = 200, .body = "{}"}});
        CPPUNIT_ASSERT_EQUAL(std::string("ambiguous no_message_name"), text(push("a")));
        CPPUNIT_ASSERT_EQUAL(std::string("ambiguous no_message_name"), text(push("a")));
    }

    void aFailureThatWasDeliveredIsTheServersLie()
    {
        startFake();
        fake().script("a", {{.status = 503, .deliver = true}});
        CPPUNIT_ASSERT(push("a").outcome == PushOutcome::Transient);
        CPPUNIT_ASSERT(push("a").outcome == PushOutcome::Accepted);
        const auto delivered = fake().journal();
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, delivered.size());
        // So that the device shows it once (promise 2).
        CPPUNIT_ASSERT_EQUAL(delivered[0].tag, delivered[1].tag);
    }

    void aRealPushTakenForADryRunIsAnError()
    {
        startFake();
        fake().script("a", {{.status = 200, .body = R"({"name":"projects/demo/messages/fake_message_id"})", .deliver = false}});
        CPPUNIT_ASSERT_EQUAL(std::string("misconfigured dry_run_answer"), text(push("a")));
    }

    void redirectsAreNotFollowed()
    {
        startFake();
        fake().script("a", {{.status = 302, .body = ""}});
        CPPUNIT_ASSERT_EQUAL(std::string("misconfigured HTTP_302"), text(push("a")));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, sendRequests());
    }

    void anotherProjectIsMisconfigured()
    {
        options().projectId = "another";
        startFake();
        CPPUNIT_ASSERT(push("a").outcome == PushOutcome::Misconfigured);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(AnswerTest);

} // namespace carillon::tests
