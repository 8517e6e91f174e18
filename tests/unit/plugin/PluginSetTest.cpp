#include "PluginFixture.h"

#include "plugin/PluginSet.h"

#include "carillon/Errors.h"

#include <cppunit/extensions/HelperMacros.h>

namespace carillon::plugin
{

namespace
{

class Quiet final : public Handler
{
public:
    Outcome handle(const Envelope&, Context&) override { return Outcome::ack(); }
};

void registerBuiltIn(Registry& registry) { registry.add<Quiet>("built.in"); }

} // namespace

class PluginSetTest : public PluginFixture
{
    CPPUNIT_TEST_SUITE(PluginSetTest);
    CPPUNIT_TEST(loadedPluginOffersWhatItsManifestSays);
    CPPUNIT_TEST(loadedHandlerHandles);
    CPPUNIT_TEST(builtInPluginIsLikeALoadedOne);
    CPPUNIT_TEST(typeThatIsTakenAddsNothing);
    CPPUNIT_TEST(pluginThatDeclaresSomethingElseIsRefused);
    CPPUNIT_TEST(missingCopyIsRefusedWithItsPath);
    CPPUNIT_TEST(overwrittenFileDoesNotTouchWhatIsLoaded);
    CPPUNIT_TEST(twoLoadedPluginsDoNotMeet);
    CPPUNIT_TEST_SUITE_END();

public:
    void loadedPluginOffersWhatItsManifestSays()
    {
        make("alpha.so", "name=alpha;type=alpha.print;version=3;upcast=2;layer=audit;schedule=morning;setting=wait;default=2s");
        const Manifest manifest = onlyAccepted();
        PluginSet set;

        set.load(manifest);

        CPPUNIT_ASSERT_EQUAL(manifest.toJson(), set.manifests().at(0).toJson());
        CPPUNIT_ASSERT_EQUAL(std::string("alpha"), set.find("alpha.print")->plugin);
        CPPUNIT_ASSERT_EQUAL(std::string("1.0.0"), set.find("alpha.print")->pluginVersion);
        CPPUNIT_ASSERT_EQUAL(3, set.find("alpha.print")->options.version);
        CPPUNIT_ASSERT_EQUAL(std::string("x"), set.upcasts().at(0).upcast("x"));
        CPPUNIT_ASSERT_EQUAL(std::string("retry"), set.middleware().at(0).placement.before);
        CPPUNIT_ASSERT_EQUAL(std::string("2s"), manifest.settings.at(0).defaultValue);
        CPPUNIT_ASSERT(set.find("alpha.other") == nullptr);
    }

    void loadedHandlerHandles()
    {
        make("alpha.so", "name=alpha;type=alpha.print");
        PluginSet set;
        set.load(onlyAccepted());
        const Services services;
        const Settings settings;
        const auto handler = set.find("alpha.print")->factory(Wiring{services, settings, systemClock(), Logger()});
        Context context(systemClock(), Logger(), SteadyPoint::max(), false, 1);
        Envelope envelope;

        envelope.body = "{}";
        CPPUNIT_ASSERT(handler->handle(envelope, context).isAck());
        envelope.body = "[]";
        CPPUNIT_ASSERT(handler->handle(envelope, context).kind() == Outcome::Kind::Reject);
    }

    void builtInPluginIsLikeALoadedOne()
    {
        PluginSet set;

        set.add("builtin", "0.1.0", registerBuiltIn);

        CPPUNIT_ASSERT_EQUAL(std::string("builtin"), set.find("built.in")->plugin);
        CPPUNIT_ASSERT(set.manifests().at(0).file.empty());
        CPPUNIT_ASSERT(set.manifests().at(0).find("built.in") != nullptr);
    }

    void typeThatIsTakenAddsNothing()
    {
        make("alpha.so", "name=alpha;type=alpha.print;type2=built.in");
        PluginSet set;
        set.add("builtin", "0.1.0", registerBuiltIn);

        assertThrows("type 'built.in'", [&] { set.load(onlyAccepted()); });
        assertThrows("name 'builtin'", [&] { set.add("builtin", "0.2.0", [](Registry&) {}); });

        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, set.manifests().size());
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, set.handlers().size());
    }

    void pluginThatDeclaresSomethingElseIsRefused()
    {
        make("moody.so", "name=moody;moody=yes");
        PluginSet set;

        assertThrows("differ in an option", [&] { set.load(onlyAccepted()); });

        CPPUNIT_ASSERT(set.handlers().empty());
    }

    void missingCopyIsRefusedWithItsPath()
    {
        const std::filesystem::path file = make("alpha.so", "name=alpha;type=alpha.gone");
        Manifest manifest = onlyAccepted();
        manifest.copy = _state / "plugins" / "gone.so";
        PluginSet set;

        assertThrows(file.string(), [&] { set.load(manifest); });
        assertThrows("gone.so", [&] { set.load(manifest); });
    }

    void overwrittenFileDoesNotTouchWhatIsLoaded()
    {
        const std::filesystem::path file = make("alpha.so", "name=alpha;upcast=1;version=2;type=alpha.kept");
        PluginSet set;
        set.load(onlyAccepted());

        std::filesystem::resize_file(file, 0); // mapped itself, the next page that is touched would be SIGBUS

        CPPUNIT_ASSERT_EQUAL(std::string("{}"), set.upcasts().at(0).upcast("{}"));
        loadedHandlerHandles();
    }

    void twoLoadedPluginsDoNotMeet()
    {
        make("alpha.so", "name=alpha;type=alpha.print");
        make("beta.so", "name=beta;type=beta.print");
        PluginSet set;

        for (const Manifest& manifest : scan().accepted) set.load(manifest);

        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, set.handlers().size());
        CPPUNIT_ASSERT_EQUAL(std::string("alpha"), set.find("alpha.print")->plugin);
        CPPUNIT_ASSERT_EQUAL(std::string("beta"), set.find("beta.print")->plugin);
    }

private:
    template <typename Action>
    static void assertThrows(const std::string& part, Action action)
    {
        try
        {
            action();
        }
        catch (const ConfigurationError& error)
        {
            assertContains(part, error.what());
            return;
        }
        CPPUNIT_FAIL("accepted, instead of: " + part);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(PluginSetTest);

} // namespace carillon::plugin
