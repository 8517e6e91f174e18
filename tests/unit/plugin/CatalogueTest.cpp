#include "PluginFixture.h"

#include <cppunit/extensions/HelperMacros.h>

#include <sys/stat.h>

namespace carillon::plugin
{

namespace fs = std::filesystem;

class CatalogueTest : public PluginFixture
{
    CPPUNIT_TEST_SUITE(CatalogueTest);
    CPPUNIT_TEST(pluginsComeInTheOrderOfTheirFileNames);
    CPPUNIT_TEST(onlySharedObjectsAreLookedAt);
    CPPUNIT_TEST(badPluginLeavesTheOthersAlone);
    CPPUNIT_TEST(copyIsReadOnlyAndKeptByHash);
    CPPUNIT_TEST(damagedCopyIsMadeAgain);
    CPPUNIT_TEST(sameNameTwiceIsRefusedWithBothFiles);
    CPPUNIT_TEST(sameTypeTwiceIsRefusedWithBothPlugins);
    CPPUNIT_TEST(sameMiddlewareAndScheduleTwiceAreRefused);
    CPPUNIT_TEST(disabledPluginIsFoundButNotTaken);
    CPPUNIT_TEST(fileCalledAsADisabledPluginIsNotEvenChecked);
    CPPUNIT_TEST(disabledNameThatNobodyHasIsAWarning);
    CPPUNIT_TEST(secondScanNeedsNoChild);
    CPPUNIT_TEST(cacheOfAnotherProgramIsNotUsed);
    CPPUNIT_TEST(cacheThatOthersMayWriteIsNotUsed);
    CPPUNIT_TEST(damagedCacheIsNotUsed);
    CPPUNIT_TEST(refusalIsNotCached);
    CPPUNIT_TEST(cachedManifestNamesTheFileAsItIsFoundNow);
    CPPUNIT_TEST(pruneKeepsWhatIsNamed);
    CPPUNIT_TEST(oneFileIsCheckedByItself);
    CPPUNIT_TEST_SUITE_END();

public:
    void pluginsComeInTheOrderOfTheirFileNames()
    {
        make("b.so", "name=beta");
        make("a.so", "name=zeta");

        const ScanResult result = scan();

        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, result.accepted.size());
        CPPUNIT_ASSERT_EQUAL(std::string("zeta"), result.accepted[0].name);
        CPPUNIT_ASSERT_EQUAL(std::string("beta"), result.accepted[1].name);
        CPPUNIT_ASSERT(result.warnings.empty());
    }

    void onlySharedObjectsAreLookedAt()
    {
        write(_plugins / "README.md", "text");
        write(_plugins / ".alpha.so", "half copied");
        fs::create_directory(_plugins / "sources");
        make("alpha.so", "name=alpha");

        CPPUNIT_ASSERT_EQUAL(std::string("alpha"), onlyAccepted().name);
    }

    void badPluginLeavesTheOthersAlone()
    {
        make("a.so", "name=alpha;do=abort");
        make("b.so", "name=beta");

        const ScanResult result = scan();

        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, result.accepted.size());
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, result.refused.size());
        CPPUNIT_ASSERT_EQUAL(std::string("beta"), result.accepted.front().name);
    }

    void copyIsReadOnlyAndKeptByHash()
    {
        const fs::path file = make("alpha.so", "name=alpha");

        const Manifest manifest = onlyAccepted();

        CPPUNIT_ASSERT_EQUAL(std::size_t{64}, manifest.sha256.size());
        CPPUNIT_ASSERT_EQUAL((_state / "plugins" / (manifest.sha256 + ".so")).string(), manifest.copy.string());
        CPPUNIT_ASSERT(read(file) == read(manifest.copy));
        CPPUNIT_ASSERT(fs::status(manifest.copy).permissions() == fs::perms::owner_read);
        CPPUNIT_ASSERT(fs::status(_state / "plugins").permissions() == fs::perms::owner_all);
    }

    void damagedCopyIsMadeAgain()
    {
        const fs::path file = make("alpha.so", "name=alpha");
        const fs::path copied = onlyAccepted().copy;
        write(copied, "half a copy, as a power cut leaves it");

        onlyAccepted();

        CPPUNIT_ASSERT(read(file) == read(copied));
    }

    void sameNameTwiceIsRefusedWithBothFiles()
    {
        make("a.so", "name=alpha;type=a.one");
        make("b.so", "name=alpha;type=a.two");

        const Refusal refusal = secondIsRefused();

        assertContains("name 'alpha'", refusal.reason);
        assertContains("a.so", refusal.reason);
        assertContains("b.so", refusal.reason);
    }

    void sameTypeTwiceIsRefusedWithBothPlugins()
    {
        make("a.so", "name=alpha;type=shared.one");
        make("b.so", "name=beta;type=shared.one");

        const Refusal refusal = secondIsRefused();

        assertContains("type 'shared.one'", refusal.reason);
        assertContains("'alpha'", refusal.reason);
        assertContains("'beta'", refusal.reason);
        assertContains("plugins.disabled", refusal.remedy);
    }

    void sameMiddlewareAndScheduleTwiceAreRefused()
    {
        make("a.so", "name=alpha;layer=audit;schedule=morning");
        make("b.so", "name=beta;layer=audit");
        assertContains("middleware 'audit'", secondIsRefused().reason);

        make("b.so", "name=beta;schedule=morning");
        assertContains("schedule 'morning'", secondIsRefused().reason);
    }

    void disabledPluginIsFoundButNotTaken()
    {
        make("a.so", "name=alpha");

        const ScanResult result = catalogue().scan({_plugins}, {"alpha"});

        CPPUNIT_ASSERT(result.accepted.empty());
        CPPUNIT_ASSERT_EQUAL(std::string("alpha"), result.disabled.at(0).name);
        CPPUNIT_ASSERT(result.warnings.empty());
    }

    void fileCalledAsADisabledPluginIsNotEvenChecked()
    {
        make("alpha.so", "name=alpha;do=abort");

        const ScanResult result = catalogue().scan({_plugins}, {"alpha"});

        CPPUNIT_ASSERT(result.refused.empty());
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, result.disabled.size());
    }

    void disabledNameThatNobodyHasIsAWarning() { assertContains("'ghost'", catalogue().scan({_plugins}, {"ghost"}).warnings.at(0)); }

    void secondScanNeedsNoChild()
    {
        make("alpha.so", "name=alpha;type=alpha.print");
        const Manifest first = onlyAccepted();
        // A manifest that differs in one harmless word shows which one was read.
        replaceInCache(first, "alpha.print", "alpha.cache");

        CPPUNIT_ASSERT(onlyAccepted().find("alpha.cache") != nullptr);
    }

    void cacheOfAnotherProgramIsNotUsed()
    {
        make("alpha.so", "name=alpha;type=alpha.print");
        replaceInCache(onlyAccepted(), "alpha.print", "alpha.cache");
        fs::copy_file(CHECK_MAIN, _root / "another");
        const PluginCatalogue another({.stateDirectory = _state, .checkCommand = {_root / "another"}, .timeout = std::chrono::seconds(60)});

        const ScanResult result = another.scan({_plugins});

        CPPUNIT_ASSERT(result.accepted.at(0).find("alpha.print") != nullptr);
    }

    void cacheThatOthersMayWriteIsNotUsed()
    {
        make("alpha.so", "name=alpha;type=alpha.print");
        const Manifest first = onlyAccepted();
        replaceInCache(first, "alpha.print", "alpha.cache");
        CPPUNIT_ASSERT_EQUAL(0, chmod(cacheOf(first).c_str(), 0666));

        CPPUNIT_ASSERT(onlyAccepted().find("alpha.print") != nullptr);
    }

    void damagedCacheIsNotUsed()
    {
        make("alpha.so", "name=alpha;type=alpha.print");
        const Manifest first = onlyAccepted();
        const std::string whole = read(cacheOf(first));
        for (const std::string& content : {std::string("{"), std::string("[]"), std::string(), whole.substr(0, whole.size() / 2)})
        {
            write(cacheOf(first), content);
            CPPUNIT_ASSERT(onlyAccepted().find("alpha.print") != nullptr);
        }
    }

    void refusalIsNotCached()
    {
        make("alpha.so", "name=alpha;do=sleep");
        assertContains("longer than", onlyRefusal(std::chrono::milliseconds(200)).reason);
        CPPUNIT_ASSERT(!fs::exists(_state / "plugins" / "alpha.json"));

        assertContains("longer than", onlyRefusal(std::chrono::milliseconds(200)).reason);
    }

    void cachedManifestNamesTheFileAsItIsFoundNow()
    {
        fs::rename(make("alpha.so", "name=alpha"), _plugins / "first.so");
        onlyAccepted();
        fs::rename(_plugins / "first.so", _plugins / "second.so");

        CPPUNIT_ASSERT_EQUAL((_plugins / "second.so").string(), onlyAccepted().file.string());
    }

    void pruneKeepsWhatIsNamed()
    {
        make("alpha.so", "name=alpha");
        const Manifest old = onlyAccepted();
        make("alpha.so", "name=alpha;plugin-version=2.0.0");
        const Manifest current = onlyAccepted();
        write(_state / "plugins" / ".new-abc123", "left by a crash");

        catalogue().prune({current});

        CPPUNIT_ASSERT(!fs::exists(old.copy));
        CPPUNIT_ASSERT(!fs::exists(cacheOf(old)));
        CPPUNIT_ASSERT(!fs::exists(_state / "plugins" / ".new-abc123"));
        CPPUNIT_ASSERT(fs::exists(current.copy));
        CPPUNIT_ASSERT(fs::exists(cacheOf(current)));
    }

    void oneFileIsCheckedByItself()
    {
        const fs::path file = make("alpha.so", "name=alpha");

        const auto answer = catalogue().check(file);

        CPPUNIT_ASSERT_EQUAL(std::string("alpha"), std::get<Manifest>(answer).name);
    }

private:
    fs::path cacheOf(const Manifest& manifest) const { return _state / "plugins" / (manifest.sha256 + ".json"); }

    void replaceInCache(const Manifest& manifest, const std::string& word, const std::string& other) const
    {
        std::string content = read(cacheOf(manifest));
        CPPUNIT_ASSERT(content.find(word) != std::string::npos);
        content.replace(content.find(word), word.size(), other);
        write(cacheOf(manifest), content);
    }

    Refusal secondIsRefused() const
    {
        const ScanResult result = scan();
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, result.accepted.size());
        CPPUNIT_ASSERT_EQUAL(std::string("alpha"), result.accepted.front().name);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, result.refused.size());
        CPPUNIT_ASSERT_EQUAL((_plugins / "b.so").string(), result.refused.front().file.string());
        return result.refused.front();
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(CatalogueTest);

} // namespace carillon::plugin
