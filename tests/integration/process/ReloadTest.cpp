// SIGHUP: a new generation, or the old one goes on and says why.
#include "ToyProcess.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <csignal>

using namespace carillon::tests;

class ReloadTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ReloadTest);
    CPPUNIT_TEST(newGenerationIsReadyBeforeTheOldOneDrains);
    CPPUNIT_TEST(exclusiveChildMakesRoomForItsSuccessor);
    CPPUNIT_TEST(brokenConfigurationKeepsTheOldGeneration);
    CPPUNIT_TEST(generationThatRefusesItsConfigurationIsDropped);
    CPPUNIT_TEST(generationThatIsTooLargeIsRefused);
    CPPUNIT_TEST_SUITE_END();

public:
    void newGenerationIsReadyBeforeTheOldOneDrains()
    {
        const ToyFolder folder;
        ToyMaster master(folder, {"workers=2", "handled=5", "admin=1"});
        folder.await("master-ready");

        reload(folder, master, "workers=3\nhandled=5\nadmin=1\n");

        folder.await("end toys/1/", 2);
        folder.await("ready toys/2/", 3);
        const auto all = folder.events();
        const auto firstStop = std::find_if(all.begin(), all.end(), [](const auto& event) { return event.starts_with("stop toys/1/"); });
        CPPUNIT_ASSERT(std::any_of(all.begin(), firstStop, [](const auto& event) { return event.starts_with("nearly toys/2/"); }));
        CPPUNIT_ASSERT(eventually([&] { return folder.metric(R"(carillon_reloads_total{result="taken"})") == 1; }));
        CPPUNIT_ASSERT(eventually([&] { return folder.metric(R"(toy_handled_total{group="toys"})") == 25; }));
        master.signal(SIGTERM);
        CPPUNIT_ASSERT_EQUAL(0, master.waitForEnd());
    }

    void exclusiveChildMakesRoomForItsSuccessor()
    {
        const ToyFolder folder;
        ToyMaster master(folder, {"admin=1"});
        folder.await("master-ready");

        reload(folder, master, "admin=1\n");

        folder.await("ready admin/2");
        const auto all = folder.events();
        const auto position = [&](const std::string& prefix)
        { return std::find_if(all.begin(), all.end(), [&](const auto& event) { return event.starts_with(prefix); }); };
        CPPUNIT_ASSERT(position("end admin/1") < position("start admin/2"));
        CPPUNIT_ASSERT(position("nearly toys/2/0") < position("end admin/1"));
    }

    void brokenConfigurationKeepsTheOldGeneration()
    {
        const ToyFolder folder;
        ToyMaster master(folder, {"admin=1"});
        folder.await("master-ready");

        reload(folder, master, "plan=broken\n");

        CPPUNIT_ASSERT(eventually([&] { return folder.metric(R"(carillon_reloads_total{result="kept"})") == 1; }));
        CPPUNIT_ASSERT(readFile(folder.file("log")).find("kept: the old generation goes on: etc/carillon.yaml:3:1") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), folder.count("start toys/"));
    }

    void generationThatRefusesItsConfigurationIsDropped()
    {
        const ToyFolder folder;
        ToyMaster master(folder, {"admin=1"});
        folder.await("master-ready");

        reload(folder, master, "behaviour=refuse\nadmin=1\n");
        CPPUNIT_ASSERT(eventually([&] { return folder.metric(R"(carillon_reloads_total{result="kept"})") == 1; }));
        // And the next one, which is good, is taken.
        reload(folder, master, "admin=1\n");

        folder.await("ready toys/3/0");
        folder.await("end toys/1/0");
        CPPUNIT_ASSERT_EQUAL(std::size_t(0), folder.count("end admin/2"));
    }

    void generationThatIsTooLargeIsRefused()
    {
        const ToyFolder folder;
        ToyMaster master(folder, {"admin=1"});
        folder.await("master-ready");

        reload(folder, master, "workers=100\nadmin=1\n");

        CPPUNIT_ASSERT(eventually([&] { return folder.metric(R"(carillon_reloads_total{result="kept"})") == 1; }));
        CPPUNIT_ASSERT(readFile(folder.file("log")).find("restart Carillon") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), folder.count("start toys/"));
    }

private:
    static void reload(const ToyFolder& folder, const ToyMaster& master, const std::string& keys)
    {
        folder.write("next", "dir=" + folder.path() + "\n" + keys);
        master.signal(SIGHUP);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ReloadTest);
