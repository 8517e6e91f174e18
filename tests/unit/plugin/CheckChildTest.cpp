#include "PluginFixture.h"

#include <cppunit/extensions/HelperMacros.h>

#include <chrono>
#include <cstdlib>

namespace carillon::plugin
{

using namespace std::chrono_literals;

/// What a plugin's own code does while it is checked ends the throw-away child only (promise 7), and finds nothing there.
class CheckChildTest : public PluginFixture
{
    CPPUNIT_TEST_SUITE(CheckChildTest);
    CPPUNIT_TEST(entryThatThrowsIsRefusedWithItsText);
    CPPUNIT_TEST(entryThatThrowsNoExceptionClassIsRefused);
    CPPUNIT_TEST(deathBySignalIsRefusedWithItsName);
    CPPUNIT_TEST(staticObjectThatAbortsIsRefused);
    CPPUNIT_TEST(exitIsRefusedWithItsStatus);
    CPPUNIT_TEST(entryThatWaitsIsRefusedAfterTheTimeout);
    CPPUNIT_TEST(entryThatLoopsIsRefused);
    CPPUNIT_TEST(processThatItLeftBehindDoesNotHoldUsUp);
    CPPUNIT_TEST(pluginThatSaysMuchIsAccepted);
    CPPUNIT_TEST(pluginThatWritesAFileIsRefused);
    CPPUNIT_TEST(childHasNoNetwork);
    CPPUNIT_TEST(childHasNoEnvironmentAndNoDescriptors);
    CPPUNIT_TEST(missingCheckProgramIsARefusal);
    CPPUNIT_TEST_SUITE_END();

public:
    void entryThatThrowsIsRefusedWithItsText()
    {
        const Refusal refusal = refusalOf("name=alpha;do=throw");

        assertContains("'alpha' threw", refusal.reason);
        assertContains("no luck today", refusal.reason);
    }

    void entryThatThrowsNoExceptionClassIsRefused() { assertContains("no std::exception", refusalOf("do=throw-int").reason); }

    void deathBySignalIsRefusedWithItsName()
    {
        assertContains("SIGABRT", refusalOf("do=abort").reason);
#if !defined(__SANITIZE_ADDRESS__) // which turns the signal into a report and an exit
        assertContains("SIGSEGV", refusalOf("do=segv").reason);
#endif
    }

    void staticObjectThatAbortsIsRefused() { assertContains("SIGABRT", refusalOf("load=abort").reason); }

    void exitIsRefusedWithItsStatus()
    {
        assertContains("exit status 3", refusalOf("do=exit").reason);
        assertContains("exit status 0", refusalOf("do=exit-0").reason);
    }

    void entryThatWaitsIsRefusedAfterTheTimeout()
    {
        make("wrong.so", "do=sleep");

        assertContains("longer than 300 ms", onlyRefusal(300ms).reason);
    }

    void entryThatLoopsIsRefused()
    {
        make("wrong.so", "do=spin");

        assertContains("longer than 300 ms", onlyRefusal(300ms).reason);
    }

    void processThatItLeftBehindDoesNotHoldUsUp()
    {
        make("forks.so", "name=forks;do=fork");
        const auto started = std::chrono::steady_clock::now();

        onlyAccepted();

        CPPUNIT_ASSERT(std::chrono::steady_clock::now() - started < 50s);
    }

    void pluginThatSaysMuchIsAccepted()
    {
        make("chatter.so", "name=chatter;do=chatter");

        onlyAccepted();
    }

    void pluginThatWritesAFileIsRefused() { assertContains("wrote a file", refusalOf("do=write-file").reason); }

    void childHasNoNetwork() { assertContains("socket: Permission denied", refusalOf("do=connect").reason); }

    void childHasNoEnvironmentAndNoDescriptors()
    {
        setenv("CARILLON_SECRET_FOR_TEST", "s3cret", 1);

        const std::string report = refusalOf("do=look").reason;

        assertContains("environment=empty", report);
        assertContains("descriptors=4", report); // null twice, errors, result
    }

    void missingCheckProgramIsARefusal()
    {
        make("alpha.so", "name=alpha");
        const PluginCatalogue broken({.stateDirectory = _state, .checkCommand = {"/nowhere/carillon"}});

        const ScanResult result = broken.scan({_plugins});

        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, result.refused.size());
        assertContains("cannot be started", result.refused.front().reason);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(CheckChildTest);

} // namespace carillon::plugin
