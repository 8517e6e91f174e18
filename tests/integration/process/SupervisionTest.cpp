// Promises 3 (what a dead worker held is on record) and 5 (stopping is a designed state), with real processes.
#include "ToyProcess.h"

#include "process/Master.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <csignal>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

using namespace carillon::tests;
using namespace carillon::process;
using namespace std::chrono_literals;

namespace
{

pid_t pidOf(const std::string& event) { return static_cast<pid_t>(numberIn(event, "pid")); }

} // namespace

class SupervisionTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(SupervisionTest);
    CPPUNIT_TEST(isReadyWhenAllChildrenAreAndEndsWithZero);
    CPPUNIT_TEST(childrenHaveNoDescriptorButTheHandedOnes);
    CPPUNIT_TEST(configurationArrivesByteForByte);
    CPPUNIT_TEST(adminReadsEveryBoard);
    CPPUNIT_TEST(killedWorkerIsReplacedAndItsCountersStay);
    CPPUNIT_TEST(killedWorkerIsOnRecordWithWhatItHeld);
    CPPUNIT_TEST(silentWorkerIsKilledAndReplaced);
    CPPUNIT_TEST(workerThatIsNeverReadyIsKilledAndTheStartFails);
    CPPUNIT_TEST(restartsWaitLongerAndLonger);
    CPPUNIT_TEST(groupThatDiesAgainAndAgainRestsAndIsTriedAgain);
    CPPUNIT_TEST(refusedConfigurationEndsTheStartWithItsReason);
    CPPUNIT_TEST(drainWaitsForWhatRunsAndASecondSignalHurries);
    CPPUNIT_TEST(childThatDoesNotEndIsKilledAtTheDrainTimeout);
    CPPUNIT_TEST(stoppedChildDoesNotHoldTheDrainUp);
    CPPUNIT_TEST(interruptOfTheWholeGroupDrainsOnce);
    CPPUNIT_TEST(quietAndResumeReachTheWorkersAlsoNewOnes);
    CPPUNIT_TEST(workerThatIsToldToEndByAnOperatorIsReplacedWithoutACrash);
    CPPUNIT_TEST(masterEndsWhenAllWorkIsDone);
    CPPUNIT_TEST(orphansOfDeadChildrenAreReaped);
    CPPUNIT_TEST(singleProcessRunsAllRolesAndDrains);
    CPPUNIT_TEST(singleProcessEndsWithTheReasonOfARefusal);
    CPPUNIT_TEST_SUITE_END();

public:
    void isReadyWhenAllChildrenAreAndEndsWithZero()
    {
        const ToyFolder folder;
        ToyMaster master(folder, {"workers=2", "admin=1", "nice=3"});

        folder.await("master-ready");
        // Said when admin, clerk and at least one worker of each group are ready.
        CPPUNIT_ASSERT(folder.count("nearly toys/1/") >= 1);
        folder.await("ready toys/1/", 2);
        folder.await("ready admin/1");
        CPPUNIT_ASSERT_EQUAL(3LL, numberIn(folder.await("ready toys/1/0"), "nice"));
        master.signal(SIGTERM);

        CPPUNIT_ASSERT_EQUAL(0, master.waitForEnd());
        CPPUNIT_ASSERT_EQUAL(std::size_t(2), folder.count("end toys/1/"));
        // The admin tells how things are until the workers have drained.
        CPPUNIT_ASSERT(folder.events("end ").back().starts_with("end admin/1"));
        CPPUNIT_ASSERT_EQUAL(std::string(), readFile(folder.file("state/crashes.jsonl")));
    }

    void childrenHaveNoDescriptorButTheHandedOnes()
    {
        const ToyFolder folder;
        ToyMaster master(folder, {"behaviour=descriptors", "leak=1"});

        // 3 lifeline, 4 wake, 6 lock of the children; 8 and following are the runtime's own, opened close-on-exec (signals, bell).
        // Board and configuration are closed as soon as they are mapped and read.
        const auto event = folder.await("descriptors ");
        const auto open = event.substr(12, event.find(' ', 12) - 12);
        CPPUNIT_ASSERT_EQUAL(std::string("0,1,2,3,4,5,6,7"), open);
        // USR1, TERM, CONT, TSTP: nothing else stays blocked for a plugin's own children.
        CPPUNIT_ASSERT_EQUAL(std::string("10,15,18,20"), event.substr(event.find("blocked=") + 8));
    }

    void configurationArrivesByteForByte()
    {
        const ToyFolder folder;
        const std::string filler(300'000, 'x'); // more than a pipe or a socket holds at once
        std::vector<std::string> keys{"admin=1"};
        for (int part = 0; part < 5; ++part) keys.push_back(fmt::format("part{}={}", part, filler.substr(0, 60'000)));
        ToyMaster master(folder, keys);

        std::size_t expected = fmt::format("dir={}\n", folder.path()).size();
        for (const auto& key : keys) expected += key.size() + 1;
        CPPUNIT_ASSERT_EQUAL(static_cast<long long>(expected), numberIn(folder.await("start admin/1"), "configuration"));
    }

    void adminReadsEveryBoard()
    {
        const ToyFolder folder;
        ToyMaster master(folder, {"workers=2", "admin=1", "handled=7"});
        folder.await("master-ready");

        CPPUNIT_ASSERT(eventually([&] { return folder.metric(R"(toy_handled_total{group="toys"})") == 14; }));
        CPPUNIT_ASSERT(eventually(
            [&] { return folder.metric(R"(carillon_process_state{role="worker",group="toys",index="1",state="ready"})") == 1; }));
        CPPUNIT_ASSERT_EQUAL(1.0, folder.metric(R"(carillon_process_state{role="master",group="master",index="0",state="ready"})"));
        CPPUNIT_ASSERT_EQUAL(2.0, folder.metric(R"(carillon_process_starts_total{role="worker",group="toys"})"));
        CPPUNIT_ASSERT_EQUAL(0.0, folder.metric(R"(carillon_process_deaths_total{role="worker",group="toys",cause="signal"})"));
    }

    void killedWorkerIsReplacedAndItsCountersStay()
    {
        const ToyFolder folder;
        ToyMaster master(folder, {"admin=1", "handled=7"});
        const auto first = pidOf(folder.await("ready toys/1/0"));
        CPPUNIT_ASSERT(eventually([&] { return folder.metric(R"(toy_handled_total{group="toys"})") == 7; }));

        ::kill(first, SIGKILL);

        CPPUNIT_ASSERT(pidOf(folder.await("ready toys/1/0", 2)) != first);
        CPPUNIT_ASSERT(eventually([&] { return folder.metric(R"(toy_handled_total{group="toys"})") == 14; }));
        CPPUNIT_ASSERT_EQUAL(1.0, folder.metric(R"(carillon_process_deaths_total{role="worker",group="toys",cause="signal"})"));
        CPPUNIT_ASSERT_EQUAL(2.0, folder.metric("toy_seconds_count"));
    }

    void killedWorkerIsOnRecordWithWhatItHeld()
    {
        const ToyFolder folder;
        ToyMaster master(folder, {});
        const auto first = pidOf(folder.await("ready toys/1/0"));

        ::kill(first, SIGABRT); // the sanitizers leave this one alone
        folder.await("ready toys/1/0", 2);

        const auto record = nlohmann::json::parse(readFile(folder.file("state/crashes.jsonl")));
        CPPUNIT_ASSERT_EQUAL(first, record.at("pid").get<pid_t>());
        CPPUNIT_ASSERT_EQUAL(std::string("signal"), record.at("cause").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("SIGABRT"), record.at("signalName").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(false, record.at("core").get<bool>());
        CPPUNIT_ASSERT_EQUAL(std::string("toys"), record.at("group").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), record.at("inFlight").size());
        CPPUNIT_ASSERT_EQUAL(std::string("message-1"), record.at("inFlight")[0].at("id").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(2, record.at("inFlight")[0].at("attempt").get<int>());
    }

    void silentWorkerIsKilledAndReplaced()
    {
        const ToyFolder folder;
        ToyMaster master(folder, {"stale_ms=400", "beat_ms=50"});
        const auto first = pidOf(folder.await("ready toys/1/0"));

        ::kill(first, SIGSTOP);

        CPPUNIT_ASSERT(pidOf(folder.await("ready toys/1/0", 2)) != first);
        CPPUNIT_ASSERT(isGone(first));
        const auto record = nlohmann::json::parse(readFile(folder.file("state/crashes.jsonl")));
        CPPUNIT_ASSERT_EQUAL(std::string("stale"), record.at("cause").get<std::string>());
    }

    void workerThatIsNeverReadyIsKilledAndTheStartFails()
    {
        const ToyFolder folder;
        ToyMaster master(folder, {"behaviour=silent", "start_ms=300"});

        CPPUNIT_ASSERT_EQUAL(1, master.waitForEnd());
        CPPUNIT_ASSERT(folder.await("master-end").find("not ready after 300 ms: worker toys/0") != std::string::npos);
        CPPUNIT_ASSERT(isGone(pidOf(folder.await("start toys/1/0"))));
    }

    void restartsWaitLongerAndLonger()
    {
        const ToyFolder folder;
        ToyMaster master(folder, {"initial_ms=40", "max_ms=160"});
        folder.await("ready toys/1/0");
        folder.write("crash", "");
        ::kill(pidOf(folder.await("start toys/1/0")), SIGKILL);

        folder.await("start toys/1/0", 6);
        std::vector<long long> starts;
        for (const auto& event : folder.events("start toys/1/0")) starts.push_back(numberIn(event, "boot") / 1'000'000);
        // The waits are 40, 80, 160, 160 ms at least; a loaded machine only makes them longer.
        CPPUNIT_ASSERT(starts[2] - starts[1] >= 80);
        CPPUNIT_ASSERT(starts[3] - starts[2] >= 160);
        CPPUNIT_ASSERT(starts[4] - starts[3] >= 160);
    }

    void groupThatDiesAgainAndAgainRestsAndIsTriedAgain()
    {
        const ToyFolder folder;
        ToyMaster master(folder, {"workers=2", "admin=1", "initial_ms=1", "max_ms=1", "deaths=4", "window_ms=2000", "open_ms=500"});
        folder.await("master-ready");
        folder.write("crash", "");
        for (const auto& event : folder.events("start toys/")) ::kill(pidOf(event), SIGKILL);

        const auto open = [&] { return folder.metric(R"(carillon_group_breaker_open{role="worker",group="toys"})"); };
        CPPUNIT_ASSERT(eventually([&] { return open() == 1; }));
        // The other group goes on.
        CPPUNIT_ASSERT_EQUAL(1.0, folder.metric(R"(carillon_process_state{role="admin",group="admin",index="0",state="ready"})"));
        const auto startsWhenOpened = folder.count("start toys/");
        CPPUNIT_ASSERT(startsWhenOpened <= 2 + 4);

        // One is tried, dies, and the group rests again.
        folder.await("start toys/", startsWhenOpened + 1);
        std::filesystem::remove(folder.file("crash"));

        CPPUNIT_ASSERT(eventually([&] { return open() == 0; }));
        const auto bothLive = [&](int index) {
            return folder.metric(fmt::format(R"(carillon_process_state{{role="worker",group="toys",index="{}",state="ready"}})", index)) ==
                   1;
        };
        CPPUNIT_ASSERT(eventually([&] { return bothLive(0) && bothLive(1); }));
    }

    void refusedConfigurationEndsTheStartWithItsReason()
    {
        const ToyFolder folder;
        ToyMaster master(folder, {"workers=2", "behaviour=refuse"});

        CPPUNIT_ASSERT_EQUAL(exitConfiguration, master.waitForEnd());
        const auto end = folder.await("master-end");
        CPPUNIT_ASSERT_EQUAL(std::string("master-end status=78 failure=worker.threads must be at least 1; raise it"), end);
        CPPUNIT_ASSERT_EQUAL(std::size_t(0), folder.count("master-ready"));
    }

    void drainWaitsForWhatRunsAndASecondSignalHurries()
    {
        const ToyFolder folder;
        ToyMaster master(folder, {"behaviour=stubborn"});
        folder.await("master-ready");

        master.signal(SIGTERM);
        folder.await("stop toys/1/0");
        CPPUNIT_ASSERT_EQUAL(std::size_t(0), folder.count("end toys/"));
        master.signal(SIGINT);

        CPPUNIT_ASSERT_EQUAL(0, master.waitForEnd());
        CPPUNIT_ASSERT(folder.await("end toys/1/0").find("hurried=true") != std::string::npos);
    }

    void childThatDoesNotEndIsKilledAtTheDrainTimeout()
    {
        const ToyFolder folder;
        ToyMaster master(folder, {"behaviour=deaf", "drain_ms=300"});
        const auto pid = pidOf(folder.await("ready toys/1/0"));
        folder.await("master-ready");

        const auto started = std::chrono::steady_clock::now();
        master.signal(SIGTERM);

        CPPUNIT_ASSERT_EQUAL(0, master.waitForEnd());
        CPPUNIT_ASSERT(std::chrono::steady_clock::now() - started >= 300ms);
        CPPUNIT_ASSERT(isGone(pid));
        CPPUNIT_ASSERT(readFile(folder.file("state/crashes.jsonl")).find(R"("cause":"drain-timeout")") != std::string::npos);
    }

    void stoppedChildDoesNotHoldTheDrainUp()
    {
        const ToyFolder folder;
        ToyMaster master(folder, {});
        folder.await("master-ready");
        ::kill(pidOf(folder.await("start toys/1/0")), SIGSTOP);

        master.signal(SIGTERM);

        CPPUNIT_ASSERT_EQUAL(0, master.waitForEnd());
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), folder.count("end toys/1/0"));
    }

    void interruptOfTheWholeGroupDrainsOnce()
    {
        const ToyFolder folder;
        ToyMaster master(folder, {"workers=2", "behaviour=stubborn"});
        folder.await("master-ready");

        // A terminal's Ctrl-C reaches every process of the group: the children leave the answer to the master.
        for (const auto& event : folder.events("start toys/")) ::kill(pidOf(event), SIGINT);
        for (const auto& event : folder.events("start toys/")) ::kill(pidOf(event), SIGQUIT);
        master.signal(SIGINT);
        folder.await("stop toys/", 2);
        master.signal(SIGINT);

        CPPUNIT_ASSERT_EQUAL(0, master.waitForEnd());
        CPPUNIT_ASSERT_EQUAL(std::size_t(2), folder.count("start toys/"));
        CPPUNIT_ASSERT_EQUAL(std::size_t(2), folder.count("end toys/"));
    }

    void quietAndResumeReachTheWorkersAlsoNewOnes()
    {
        const ToyFolder folder;
        ToyMaster master(folder, {"admin=1"});
        folder.await("master-ready");
        const auto isIn = [&](const char* state)
        { return folder.metric(fmt::format(R"(carillon_process_state{{role="worker",group="toys",index="0",state="{}"}})", state)) == 1; };

        master.signal(SIGTSTP);
        folder.await("quiet toys/1/0");
        CPPUNIT_ASSERT(eventually([&] { return isIn("quiet"); }));
        ::kill(pidOf(folder.await("start toys/1/0")), SIGKILL);
        folder.await("ready toys/1/0", 2);
        CPPUNIT_ASSERT(eventually([&] { return isIn("quiet"); }));

        master.signal(SIGCONT);
        folder.await("resume toys/1/0");
        CPPUNIT_ASSERT(eventually([&] { return isIn("ready"); }));
    }

    void workerThatIsToldToEndByAnOperatorIsReplacedWithoutACrash()
    {
        const ToyFolder folder;
        ToyMaster master(folder, {});
        folder.await("master-ready");

        ::kill(pidOf(folder.await("start toys/1/0")), SIGTERM);

        folder.await("end toys/1/0");
        folder.await("ready toys/1/0", 2);
        CPPUNIT_ASSERT_EQUAL(std::string(), readFile(folder.file("state/crashes.jsonl")));
    }

    void masterEndsWhenAllWorkIsDone()
    {
        const ToyFolder folder;
        ToyMaster master(folder, {"workers=2", "admin=1", "behaviour=once"});

        CPPUNIT_ASSERT_EQUAL(0, master.waitForEnd());
        CPPUNIT_ASSERT_EQUAL(std::size_t(2), folder.count("start toys/"));
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), folder.count("end admin/"));
    }

    void orphansOfDeadChildrenAreReaped()
    {
        const ToyFolder folder;
        ToyMaster master(folder, {"behaviour=grandchild", "subreaper=1"});
        const auto orphan = pidOf(folder.await("grandchild"));
        ::kill(pidOf(folder.await("ready toys/1/0")), SIGKILL);
        folder.await("ready toys/1/0", 2);

        ::kill(orphan, SIGKILL);

        CPPUNIT_ASSERT_MESSAGE(folder.story(), eventually([&] { return isGone(orphan); }));
        ::kill(pidOf(folder.await("grandchild", 2)), SIGKILL);
    }

    void singleProcessRunsAllRolesAndDrains()
    {
        const ToyFolder folder;
        ToyMaster master(folder, {"single=1", "workers=2", "admin=1", "handled=3"});
        folder.await("master-ready");
        CPPUNIT_ASSERT(eventually([&] { return folder.metric(R"(toy_handled_total{group="toys"})") == 6; }));
        CPPUNIT_ASSERT_EQUAL(static_cast<long long>(master.pid()), numberIn(folder.await("ready toys/1/1"), "pid"));

        master.signal(SIGTERM);

        CPPUNIT_ASSERT_EQUAL(0, master.waitForEnd());
        CPPUNIT_ASSERT(folder.events("end ").back().starts_with("end admin/1"));
        CPPUNIT_ASSERT_EQUAL(std::size_t(2), folder.count("end toys/"));
    }

    void singleProcessEndsWithTheReasonOfARefusal()
    {
        const ToyFolder folder;
        ToyMaster master(folder, {"single=1", "behaviour=refuse", "admin=1"});

        CPPUNIT_ASSERT_EQUAL(exitConfiguration, master.waitForEnd());
        CPPUNIT_ASSERT_EQUAL(std::string("master-end status=78 failure=worker.threads must be at least 1; raise it"),
                             folder.await("master-end"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SupervisionTest);
