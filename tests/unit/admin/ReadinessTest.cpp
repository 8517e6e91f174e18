#include "admin/Readiness.h"

#include <cppunit/extensions/HelperMacros.h>

namespace carillon::tests::admin
{

using namespace carillon::admin;
using namespace std::chrono_literals;

/// Promise 4: green means consuming.
class ReadinessTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ReadinessTest);
    CPPUNIT_TEST(anEmptyQueueIsGreenHoweverLongNothingCame);
    CPPUNIT_TEST(waitingMessagesAreGreenUntilTheTimeIsUp);
    CPPUNIT_TEST(waitingMessagesThatReachNobodyAreRed);
    CPPUNIT_TEST(aMessageThatCameJustNowIsGreen);
    CPPUNIT_TEST(aMessageThatReachedAHandlerIsGreen);
    CPPUNIT_TEST(busyHandlersAreGreen);
    CPPUNIT_TEST(oneFreeProcessIsEnoughToBeRed);
    CPPUNIT_TEST(whatIsPausedIsGreen);
    CPPUNIT_TEST(aQuietGroupIsGreen);
    CPPUNIT_TEST(aGroupWithoutAReadyWorkerIsRed);
    CPPUNIT_TEST(anUnknownDepthIsRed);
    CPPUNIT_TEST(anotherGroupsHandlersDoNotCount);
    CPPUNIT_TEST(noGroupIsRed);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override
    {
        _groups = {{"main", {{"notifications"}, 30s}}};
        _boards = {worker("main", 4, 1)};
        _boards.front().started = bootNow - 10min;
        _boards.front().reachedHandler = bootNow - 31s;
        _observation.emplace();
        _observation->at = now;
        _observation->isStoreWell = true;
        setQueue(5, 31s);
    }

    void anEmptyQueueIsGreenHoweverLongNothingCame()
    {
        setQueue(0, {});

        CPPUNIT_ASSERT(isGreen());
    }

    void waitingMessagesAreGreenUntilTheTimeIsUp()
    {
        setQueue(5, 29999ms);
        CPPUNIT_ASSERT(isGreen());

        setQueue(5, 30s);
        CPPUNIT_ASSERT(!isGreen());
    }

    void waitingMessagesThatReachNobodyAreRed()
    {
        const auto stalls = found();

        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, stalls.size());
        CPPUNIT_ASSERT_EQUAL(std::string("main"), stalls.front().group);
        CPPUNIT_ASSERT_EQUAL(std::string("notifications"), stalls.front().transport);
        CPPUNIT_ASSERT_EQUAL(std::string("5 messages wait and a handler is free, but none has reached one for 31 s"),
                             stalls.front().reason);
    }

    void aMessageThatCameJustNowIsGreen()
    {
        _boards.front().reachedHandler = bootNow - 1h;
        setQueue(1, 5ms);

        CPPUNIT_ASSERT(isGreen());
    }

    void aMessageThatReachedAHandlerIsGreen()
    {
        _boards.front().reachedHandler = bootNow - 1s;

        CPPUNIT_ASSERT(isGreen());
    }

    void busyHandlersAreGreen()
    {
        _boards.front().busyHandlers = 4;

        CPPUNIT_ASSERT(isGreen());
    }

    void oneFreeProcessIsEnoughToBeRed()
    {
        _boards.front().busyHandlers = 4;
        _boards.push_back(worker("main", 4, 3));

        CPPUNIT_ASSERT(!isGreen());
    }

    void whatIsPausedIsGreen()
    {
        _boards.front().paused = 1;
        CPPUNIT_ASSERT(isGreen());

        _boards.front().paused = 0;
        _observation->queues["notifications"].front().paused = true;
        CPPUNIT_ASSERT(isGreen());
    }

    void aQuietGroupIsGreen()
    {
        _boards.front().state = metrics::State::Quiet;

        CPPUNIT_ASSERT(isGreen());
    }

    void aGroupWithoutAReadyWorkerIsRed()
    {
        setQueue(0, {});
        for (const auto state : {metrics::State::Starting, metrics::State::Draining, metrics::State::Stopped})
        {
            _boards.front().state = state;
            CPPUNIT_ASSERT(!isGreen());
        }
        _boards.clear();
        CPPUNIT_ASSERT(!isGreen());
    }

    void anUnknownDepthIsRed()
    {
        setQueue({}, {});
        CPPUNIT_ASSERT(!isGreen());

        _observation->queues.clear();
        CPPUNIT_ASSERT(!isGreen());

        _observation.reset();
        CPPUNIT_ASSERT(!isGreen());
    }

    void anotherGroupsHandlersDoNotCount()
    {
        _boards.front().busyHandlers = 4;
        _boards.push_back(worker("other", 4, 0));

        CPPUNIT_ASSERT(isGreen());
    }

    void noGroupIsRed()
    {
        _groups.clear();

        CPPUNIT_ASSERT(!isGreen());
    }

private:
    static constexpr std::chrono::nanoseconds bootNow = 5h;
    static constexpr TimePoint now{std::chrono::milliseconds(1795420800000)};

    static metrics::BoardSnapshot worker(const std::string& group, std::uint32_t threads, std::uint32_t busy)
    {
        metrics::BoardSnapshot board;
        board.identity = {metrics::Role::Worker, group, 0, 1};
        board.state = metrics::State::Ready;
        board.handlerThreads = threads;
        board.busyHandlers = busy;
        return board;
    }

    void setQueue(std::optional<std::uint64_t> ready, std::optional<std::chrono::milliseconds> oldest)
    {
        port::QueueStats queue;
        queue.queue = "notifications";
        queue.ready = ready;
        if (oldest) queue.oldestReadySince = now - *oldest;
        _observation->queues["notifications"] = {queue};
    }

    std::vector<Stall> found() const { return findStalls(_groups, _boards, _observation, bootNow); }
    bool isGreen() const { return found().empty(); }

    std::map<std::string, ConsumingGroup> _groups;
    std::vector<metrics::BoardSnapshot> _boards;
    std::optional<Observation> _observation;
};

CPPUNIT_TEST_SUITE_REGISTRATION(ReadinessTest);

} // namespace carillon::tests::admin
