// Design 2: one instance lock; after a master's sudden death its children make room, and two masters never take together.
#include "ToyProcess.h"

#include "process/InstanceLock.h"
#include "process/Master.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <csignal>

using namespace carillon::tests;
using namespace carillon::process;
using namespace std::chrono_literals;

class TakeoverTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(TakeoverTest);
    CPPUNIT_TEST(secondMasterIsRefusedWithThePidOfTheFirst);
    CPPUNIT_TEST(childrenOfAKilledMasterDrainAndTheNextOneTakesOver);
    CPPUNIT_TEST(nextMasterWaitsUntilTheFormerChildrenHaveDrained);
    CPPUNIT_TEST(orphanThatDoesNotDrainEndsItselfInTime);
    CPPUNIT_TEST(stoppedOrphanIsKilledByTheNextMaster);
    CPPUNIT_TEST(masterThatWaitsForFormerChildrenCanBeStopped);
    CPPUNIT_TEST_SUITE_END();

public:
    void secondMasterIsRefusedWithThePidOfTheFirst()
    {
        const ToyFolder folder;
        const ToyMaster first(folder, {});
        folder.await("master-ready");

        ToyMaster second(folder, {});

        CPPUNIT_ASSERT_EQUAL(exitConfiguration, second.waitForEnd());
        const auto refusal = folder.await("master-refused");
        CPPUNIT_ASSERT_MESSAGE(refusal,
                               refusal.find("in use by another Carillon (pid " + std::to_string(first.pid()) + ")") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), folder.count("start toys/"));
    }

    void childrenOfAKilledMasterDrainAndTheNextOneTakesOver()
    {
        const ToyFolder folder;
        ToyMaster first(folder, {"workers=2", "admin=1"});
        folder.await("master-ready");
        folder.await("ready toys/1/", 2);

        const auto killed = std::chrono::steady_clock::now();
        first.signal(SIGKILL);
        ToyMaster second(folder, {"workers=2", "admin=1"});

        folder.await("master-ready", 2);
        CPPUNIT_ASSERT_MESSAGE("takeover within a second on an idle machine, ten on a loaded one",
                               std::chrono::steady_clock::now() - killed < 10s);
        first.waitForEnd();
        CPPUNIT_ASSERT_EQUAL(std::size_t(2), folder.count("end toys/"));
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), folder.count("end admin/"));
        CPPUNIT_ASSERT(folder.await("end admin/").find("orphaned=true") != std::string::npos);
        noneStartedBeforeAllEnded(folder, 2, 2);
    }

    void nextMasterWaitsUntilTheFormerChildrenHaveDrained()
    {
        const ToyFolder folder;
        ToyMaster first(folder, {"behaviour=stubborn"});
        const auto worker = static_cast<pid_t>(numberIn(folder.await("ready toys/1/0"), "pid"));
        folder.await("master-ready");

        first.signal(SIGKILL);
        folder.await("stop toys/1/0 orphaned=true");
        ToyMaster second(folder, {});
        folder.await("master pid=", 2);
        // It runs, it has the lock, and it waits.
        CPPUNIT_ASSERT(eventually([&] { return readFile(folder.file("log")).find("still draining") != std::string::npos; }));
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), folder.count("start toys/"));
        ::kill(worker, SIGUSR1); // the hurry

        folder.await("master-ready", 2);
        first.waitForEnd();
        noneStartedBeforeAllEnded(folder, 1, 1);
    }

    void orphanThatDoesNotDrainEndsItselfInTime()
    {
        const ToyFolder folder;
        ToyMaster first(folder, {"behaviour=deaf", "drain_ms=200"});
        const auto worker = static_cast<pid_t>(numberIn(folder.await("ready toys/1/0"), "pid"));

        first.signal(SIGKILL);
        first.waitForEnd();

        CPPUNIT_ASSERT(eventually([&] { return readFile("/proc/" + std::to_string(worker) + "/cmdline").empty(); }));
    }

    void stoppedOrphanIsKilledByTheNextMaster()
    {
        const ToyFolder folder;
        ToyMaster first(folder, {"drain_ms=100"});
        const auto worker = static_cast<pid_t>(numberIn(folder.await("ready toys/1/0"), "pid"));
        folder.await("master-ready");
        ::kill(worker, SIGSTOP);
        first.signal(SIGKILL);
        first.waitForEnd();
        CPPUNIT_ASSERT(!readFile("/proc/" + std::to_string(worker) + "/cmdline").empty());

        ToyMaster second(folder, {"drain_ms=100"});

        folder.await("master-ready", 2);
        CPPUNIT_ASSERT(readFile("/proc/" + std::to_string(worker) + "/cmdline").empty());
    }

    void masterThatWaitsForFormerChildrenCanBeStopped()
    {
        const ToyFolder folder;
        ToyMaster first(folder, {"behaviour=stubborn"});
        const auto worker = static_cast<pid_t>(numberIn(folder.await("ready toys/1/0"), "pid"));
        first.signal(SIGKILL);
        first.waitForEnd();
        ToyMaster second(folder, {});
        CPPUNIT_ASSERT(eventually([&] { return readFile(folder.file("log")).find("still draining") != std::string::npos; }));

        second.signal(SIGTERM);

        CPPUNIT_ASSERT_EQUAL(0, second.waitForEnd());
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), folder.count("start toys/"));
        ::kill(worker, SIGUSR1);
    }

private:
    /// `former` workers of the first master ended before the first of the second master's started.
    static void noneStartedBeforeAllEnded(const ToyFolder& folder, std::size_t former, std::size_t next)
    {
        folder.await("start toys/", former + next); // ready is said when the first worker of a group is
        const auto starts = folder.events("start toys/");
        const auto ends = folder.events("end toys/");
        CPPUNIT_ASSERT_EQUAL(former + next, starts.size());
        for (std::size_t end = 0; end < former; ++end)
            for (std::size_t start = former; start < starts.size(); ++start)
                CPPUNIT_ASSERT(numberIn(ends.at(end), "boot") < numberIn(starts[start], "boot"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(TakeoverTest);
