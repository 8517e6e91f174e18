#include "integration/fcm/FcmBench.h"

#include <cppunit/extensions/HelperMacros.h>

#include <future>
#include <set>

namespace carillon::tests
{

using namespace std::chrono_literals;
using push::PushOutcome;

class BatchTest : public FcmBench
{
    CPPUNIT_TEST_SUITE(BatchTest);
    CPPUNIT_TEST(aThousandGoOverOneConnection);
    CPPUNIT_TEST(whatIsDeliveredIsWhatWasAskedFor);
    CPPUNIT_TEST(noConnectionHasMoreStreamsThanFcmTakes);
    CPPUNIT_TEST(aServerThatTakesFewerStreamsIsObeyed);
    CPPUNIT_TEST(moreConnectionsShareTheWork);
    CPPUNIT_TEST(eightThreadsPushAtOnce);
    CPPUNIT_TEST(resultsComeAsAnswersCome);
    CPPUNIT_TEST(oneUrgentPushIsNotHeldUpByAThousand);
    CPPUNIT_TEST(aDryRunDeliversNothing);
    CPPUNIT_TEST(aWholeClientOfDryRunsDeliversNothing);
    CPPUNIT_TEST(localRefusalsAreNotSent);
    CPPUNIT_TEST(nothingToPushIsNothingToDo);
    CPPUNIT_TEST_SUITE_END();

    std::size_t accepted(std::span<const push::PushResult> results) const
    {
        std::size_t count = 0;
        for (const auto& result : results) count += result.outcome == PushOutcome::Accepted ? 1 : 0;
        return count;
    }

public:
    void aThousandGoOverOneConnection()
    {
        startFake();

        const auto results = push(requests(1000));

        CPPUNIT_ASSERT_EQUAL(std::size_t{1000}, accepted(results));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1000}, fake().journal().size());
        // The token endpoint is on the same host.
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, connections());
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, tokenRequests());
        for (const auto& seen : fake().requests()) CPPUNIT_ASSERT_EQUAL(std::string("h2"), seen.protocol);
        std::set<std::string> names;
        for (const auto& result : results) names.insert(result.providerMessageId);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1000}, names.size());
        CPPUNIT_ASSERT_EQUAL(1000, observer().count(PushOutcome::Accepted));
    }

    void whatIsDeliveredIsWhatWasAskedFor()
    {
        startFake();
        auto wanted = request("a");
        wanted.data = {{"clé", "é\"\n\xF0\x9F\x92\x8A"}, {"empty", ""}};
        wanted.addressKind = "fid";
        wanted.traceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

        const auto result = push(wanted);

        CPPUNIT_ASSERT_EQUAL(std::string("accepted "), text(result));
        const auto delivered = fake().journal().at(0);
        CPPUNIT_ASSERT_EQUAL(std::string("fid"), delivered.kind);
        CPPUNIT_ASSERT_EQUAL(std::string("a"), delivered.address);
        CPPUNIT_ASSERT_EQUAL(std::string("tag-a"), delivered.tag);
        CPPUNIT_ASSERT_EQUAL(std::string("tag-a"), delivered.collapseId);
        CPPUNIT_ASSERT(wanted.data == delivered.data);
        CPPUNIT_ASSERT_EQUAL(delivered.name, result.providerMessageId);
    }

    /// The fake ends a connection that opens a stream too many, as FCM does.
    void noConnectionHasMoreStreamsThanFcmTakes()
    {
        startFake({"--accept-any", "--max-streams", "100", "--excess-streams", "goaway"});
        fake().scriptAll({{.delay = 5ms, .times = FcmAnswer::forever}});

        CPPUNIT_ASSERT_EQUAL(std::size_t{500}, accepted(push(requests(500))));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, connections());
    }

    void aServerThatTakesFewerStreamsIsObeyed()
    {
        startFake({"--accept-any", "--max-streams", "7", "--excess-streams", "goaway"});
        push("the server's settings are known after the first answer");

        CPPUNIT_ASSERT_EQUAL(std::size_t{200}, accepted(push(requests(200))));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, connections());
    }

    void moreConnectionsShareTheWork()
    {
        options().connections = 3;
        options().maxStreams = 10;
        startFake();
        fake().scriptAll({{.delay = 5ms, .times = FcmAnswer::forever}});

        CPPUNIT_ASSERT_EQUAL(std::size_t{300}, accepted(push(requests(300))));
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, connections());
    }

    void eightThreadsPushAtOnce()
    {
        startFake();
        client();
        std::vector<std::future<std::size_t>> threads;
        for (int i = 0; i < 8; ++i)
            threads.push_back(
                std::async(std::launch::async, [this, i] { return accepted(push(requests(100, "t" + std::to_string(i) + "-"))); }));
        for (auto& thread : threads) CPPUNIT_ASSERT_EQUAL(std::size_t{100}, thread.get());

        CPPUNIT_ASSERT_EQUAL(std::size_t{800}, fake().journal().size());
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, tokenRequests());
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, connections());
    }

    void resultsComeAsAnswersCome()
    {
        startFake();
        fake().script("address-0", {{.delay = 300ms}});
        std::vector<std::size_t> order;
        const auto three = requests(3);

        client().push(three, systemClock().steady() + 10s, [&](std::size_t index, const push::PushResult&) { order.push_back(index); });

        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, order.size());
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, order.back());
    }

    void oneUrgentPushIsNotHeldUpByAThousand()
    {
        options().maxStreams = 10;
        startFake();
        fake().scriptAll({{.delay = 5ms, .times = FcmAnswer::forever}});
        client();
        auto bulk = std::async(std::launch::async, [this] { return accepted(push(requests(1000))); });
        while (fake().requests().size() < 10) std::this_thread::yield();

        push("urgent");

        CPPUNIT_ASSERT(bulk.wait_for(0s) == std::future_status::timeout);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1000}, bulk.get());
    }

    void aDryRunDeliversNothing()
    {
        startFake({});
        fake().registerAddress("a");
        auto dry = request("a");
        dry.isDryRun = true;

        const auto result = push(dry);
        dry.address = "unknown";
        const auto refused = push(dry);

        CPPUNIT_ASSERT_EQUAL(std::string("accepted "), text(result));
        CPPUNIT_ASSERT(refused.outcome != PushOutcome::Accepted);
        CPPUNIT_ASSERT(fake().journal().empty());
        CPPUNIT_ASSERT(fake().requestsTo("a").at(0).validateOnly);
    }

    void aWholeClientOfDryRunsDeliversNothing()
    {
        options().validateOnly = true;
        startFake();
        CPPUNIT_ASSERT_EQUAL(std::size_t{20}, accepted(push(requests(20))));
        CPPUNIT_ASSERT(fake().journal().empty());
    }

    void localRefusalsAreNotSent()
    {
        startFake();
        auto some = requests(4);
        some[1].title = "\xFF";
        some[2].data = {{"from", "x"}};

        const auto results = push(some);

        CPPUNIT_ASSERT_EQUAL(std::string("accepted "), text(results[0]));
        CPPUNIT_ASSERT_EQUAL(std::string("payload_refused invalid_utf8"), text(results[1]));
        CPPUNIT_ASSERT_EQUAL(std::string("payload_refused reserved_data_key"), text(results[2]));
        CPPUNIT_ASSERT_EQUAL(std::string("accepted "), text(results[3]));
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, sendRequests());
    }

    void nothingToPushIsNothingToDo()
    {
        startFake();
        CPPUNIT_ASSERT(push(std::span<const push::PushRequest>{}).empty());
        CPPUNIT_ASSERT(fake().requests().empty());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(BatchTest);

} // namespace carillon::tests
