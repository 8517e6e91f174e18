#include "process/ChildControl.h"
#include "process/ChildRuntime.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

using namespace carillon::process;
using carillon::metrics::Board;
using carillon::metrics::State;
using namespace std::chrono_literals;

class ChildControlTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ChildControlTest);
    CPPUNIT_TEST(stopIsHeardOnceByWhoListens);
    CPPUNIT_TEST(stopThatCameBeforeIsHeardAtOnce);
    CPPUNIT_TEST(hurryStopsToo);
    CPPUNIT_TEST(endedSubscriptionHearsNothing);
    CPPUNIT_TEST(quietComesAndGoes);
    CPPUNIT_TEST(waitersWakeUp);
    CPPUNIT_TEST(stateOnTheBoardFollows);
    CPPUNIT_TEST(stopBeforeReadyIsNotForgotten);
    CPPUNIT_TEST_SUITE_END();

public:
    void stopIsHeardOnceByWhoListens()
    {
        ChildControl control;
        int heard = 0;
        const auto subscription = control.onStop([&] { ++heard; });

        control.stop();
        control.stop(true);

        CPPUNIT_ASSERT_EQUAL(1, heard);
        CPPUNIT_ASSERT(control.isStopping() && control.isOrphaned() && !control.isHurried());
    }

    void stopThatCameBeforeIsHeardAtOnce()
    {
        ChildControl control;
        control.hurry();
        std::string heard;

        const auto stop = control.onStop([&] { heard += "stop "; });
        const auto hurry = control.onHurry([&] { heard += "hurry "; });

        CPPUNIT_ASSERT_EQUAL(std::string("stop hurry "), heard);
    }

    void hurryStopsToo()
    {
        ChildControl control;
        std::string heard;
        const auto hurry = control.onHurry([&] { heard += "hurry "; });
        const auto stop = control.onStop([&] { heard += "stop "; });

        control.hurry();

        CPPUNIT_ASSERT_EQUAL(std::string("stop hurry "), heard);
        CPPUNIT_ASSERT(control.isStopping());
    }

    void endedSubscriptionHearsNothing()
    {
        ChildControl control;
        int heard = 0;
        {
            auto first = control.onStop([&] { ++heard; });
            auto second = std::move(first);
            second = control.onStop([&] { heard += 10; });
            const auto third = std::move(second);
        }

        control.stop();

        CPPUNIT_ASSERT_EQUAL(0, heard);
    }

    void quietComesAndGoes()
    {
        ChildControl control;
        std::vector<bool> heard;
        const auto subscription = control.onQuiet([&](bool quiet) { heard.push_back(quiet); });

        control.setQuiet(true);
        control.setQuiet(true);
        control.setQuiet(false);

        CPPUNIT_ASSERT(heard == (std::vector<bool>{true, false}));
    }

    void waitersWakeUp()
    {
        ChildControl control;
        CPPUNIT_ASSERT(!control.waitForStop(0ms));
        std::thread teller([&] { control.hurry(); });

        CPPUNIT_ASSERT(control.waitForStop(1h));
        CPPUNIT_ASSERT(control.waitForHurry(1h));
        teller.join();
    }

    void stateOnTheBoardFollows()
    {
        int changes = 0;
        ChildRuntime runtime(parts(changes));

        runtime.ready();
        CPPUNIT_ASSERT(runtime.board().state() == State::Ready);
        runtime.control().setQuiet(true);
        CPPUNIT_ASSERT(runtime.board().state() == State::Quiet);
        runtime.control().setQuiet(false);
        CPPUNIT_ASSERT(runtime.board().state() == State::Ready);
        runtime.requestStop();
        CPPUNIT_ASSERT(runtime.board().state() == State::Draining);
        runtime.control().setQuiet(true);
        CPPUNIT_ASSERT(runtime.board().state() == State::Draining);
        CPPUNIT_ASSERT_EQUAL(4, changes);
    }

    void stopBeforeReadyIsNotForgotten()
    {
        int changes = 0;
        ChildRuntime runtime(parts(changes));

        runtime.control().stop();
        runtime.ready();

        CPPUNIT_ASSERT(runtime.board().state() == State::Draining);
    }

private:
    static ChildRuntime::Parts parts(int& changes)
    {
        ChildRuntime::Parts parts;
        parts.board = Board::inMemory({carillon::metrics::Role::Worker, "g", 0, 1});
        parts.stateChanged = [&changes] { ++changes; };
        return parts;
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ChildControlTest);
