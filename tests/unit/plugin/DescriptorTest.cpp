#include "PluginFixture.h"

#include "carillon/Plugin.h"

#include <cppunit/extensions/HelperMacros.h>

namespace carillon::plugin
{

/// The first contact: what is compared before any C++ call, and each refusal names both values.
class DescriptorTest : public PluginFixture
{
    CPPUNIT_TEST_SUITE(DescriptorTest);
    CPPUNIT_TEST(wellBuiltPluginIsAccepted);
    CPPUNIT_TEST(missingEntryIsRefused);
    CPPUNIT_TEST(anotherAbiIsRefusedWithBothValues);
    CPPUNIT_TEST(anotherSizeIsRefusedWithBothValues);
    CPPUNIT_TEST(anotherBuildIsRefusedWithBothValues);
    CPPUNIT_TEST(anotherAbiIsSeenBeforeAnythingElseIsRead);
    CPPUNIT_TEST(entryThatReturnsNothingIsRefused);
    CPPUNIT_TEST(emptyFieldIsRefused);
    CPPUNIT_TEST(missingSymbolIsRefusedWithItsName);
    CPPUNIT_TEST(badPluginNameIsRefused);
    CPPUNIT_TEST(badPluginVersionIsRefused);
    CPPUNIT_TEST_SUITE_END();

public:
    void wellBuiltPluginIsAccepted()
    {
        make("alpha.so", "name=alpha;type=alpha.print;plugin-version=2.1.0");

        const Manifest manifest = onlyAccepted();

        CPPUNIT_ASSERT_EQUAL(std::string("alpha"), manifest.name);
        CPPUNIT_ASSERT_EQUAL(std::string("2.1.0"), manifest.version);
        CPPUNIT_ASSERT_EQUAL(CARILLON_PLUGIN_ABI, manifest.abi);
        CPPUNIT_ASSERT_EQUAL(std::string(CARILLON_BUILD_ID), manifest.build);
        CPPUNIT_ASSERT(manifest.find("alpha.print") != nullptr);
        CPPUNIT_ASSERT(manifest.find("alpha.other") == nullptr);
    }

    void missingEntryIsRefused()
    {
        copy("no_entry", "no_entry.so");

        assertContains("no entry 'carillon_plugin'", onlyRefusal().reason);
    }

    void anotherAbiIsRefusedWithBothValues()
    {
        const Refusal refusal = refusalOf("abi=77");

        assertContains("plugin abi 77", refusal.reason);
        assertContains("this program has " + std::to_string(CARILLON_PLUGIN_ABI), refusal.reason);
    }

    void anotherSizeIsRefusedWithBothValues()
    {
        const Refusal refusal = refusalOf("size=8");

        assertContains("8 bytes", refusal.reason);
        assertContains("this program's has " + std::to_string(sizeof(CarillonPluginDescriptor)), refusal.reason);
    }

    void anotherBuildIsRefusedWithBothValues()
    {
        const Refusal refusal = refusalOf("build=compiler=Turbo-1.0");

        assertContains("[compiler=Turbo-1.0]", refusal.reason);
        assertContains(std::string("this program with [") + CARILLON_BUILD_ID + "]", refusal.reason);
        assertContains("build it again", refusal.remedy);
    }

    void anotherAbiIsSeenBeforeAnythingElseIsRead()
    {
        assertContains("plugin abi 2", refusalOf("abi=2;size=1;build=x;entry=no-name;do=abort").reason);
    }

    void entryThatReturnsNothingIsRefused() { assertContains("returned nothing", refusalOf("entry=null").reason); }

    void emptyFieldIsRefused() { assertContains("empty field", refusalOf("entry=no-name").reason); }

    void missingSymbolIsRefusedWithItsName()
    {
        copy("undefined", "undefined.so");

        assertContains("symbolThatNobodyDefines", onlyRefusal().reason);
    }

    void badPluginNameIsRefused() { assertContains("'Bad Name'", refusalOf("name=Bad Name").reason); }

    void badPluginVersionIsRefused() { assertContains("version 'one two'", refusalOf("plugin-version=one two").reason); }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DescriptorTest);

} // namespace carillon::plugin
