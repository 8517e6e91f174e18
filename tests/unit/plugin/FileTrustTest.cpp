#include "PluginFixture.h"

#include "plugin/FileTrust.h"
#include "plugin/Refused.h"

#include <cppunit/extensions/HelperMacros.h>

#include <sys/stat.h>
#include <unistd.h>

namespace carillon::plugin
{

namespace fs = std::filesystem;

/// Who could have put the file there, or could change it, or a folder above it.
class FileTrustTest : public PluginFixture
{
    CPPUNIT_TEST_SUITE(FileTrustTest);
    CPPUNIT_TEST(missingFileIsRefused);
    CPPUNIT_TEST(missingFolderIsRefused);
    CPPUNIT_TEST(fileThatOthersMayWriteIsRefusedWithItsMode);
    CPPUNIT_TEST(fileThatItsGroupMayWriteIsRefusedUnlessTheGroupIsOurs);
    CPPUNIT_TEST(folderThatOthersMayWriteIsRefused);
    CPPUNIT_TEST(stickyFolderOfPluginsIsRefusedToo);
    CPPUNIT_TEST(folderAboveThatOthersMayWriteIsRefused);
    CPPUNIT_TEST(stickyFolderAboveIsAccepted);
    CPPUNIT_TEST(fileOfAnotherUserIsRefused);
    CPPUNIT_TEST(folderOfAnotherUserIsRefused);
    CPPUNIT_TEST(symbolicLinkIsRefused);
    CPPUNIT_TEST(linkedFolderIsFollowedAndLookedAt);
    CPPUNIT_TEST(loopOfLinksIsRefused);
    CPPUNIT_TEST(fifoIsRefusedWithoutWaiting);
    CPPUNIT_TEST(folderCalledLikeAPluginIsRefused);
    CPPUNIT_TEST(stateThatOthersMayWriteStopsTheStart);
    CPPUNIT_TEST_SUITE_END();

public:
    void missingFileIsRefused()
    {
        const auto answer = catalogue().check(_plugins / "gone.so");

        assertContains("not there", std::get<Refusal>(answer).reason);
    }

    void missingFolderIsRefused()
    {
        const ScanResult result = catalogue().scan({_plugins / "gone"});

        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, result.refused.size());
        assertContains((_plugins / "gone").string() + " is not there", result.refused.front().reason);
    }

    void fileThatOthersMayWriteIsRefusedWithItsMode()
    {
        change(make("alpha.so", "name=alpha"), 0646);

        const Refusal refusal = onlyRefusal();

        assertContains("written by others (mode 0646)", refusal.reason);
        assertContains("chmod go-w", refusal.remedy);
    }

    void fileThatItsGroupMayWriteIsRefusedUnlessTheGroupIsOurs()
    {
        if (geteuid() != 0) return; // only root can give a file to any group
        const fs::path file = make("alpha.so", "name=alpha");
        constexpr gid_t groupOfOthers = 100;
        CPPUNIT_ASSERT_EQUAL(0, chown(file.c_str(), 0, groupOfOthers));
        change(file, 0664);
        assertContains("written by others (mode 0664)", onlyRefusal().reason);

        CPPUNIT_ASSERT_EQUAL(0, chown(file.c_str(), 0, 0));
        onlyAccepted();
    }

    void folderThatOthersMayWriteIsRefused()
    {
        make("alpha.so", "name=alpha");
        change(_plugins, 0777);

        const Refusal refusal = onlyRefusal();

        CPPUNIT_ASSERT_EQUAL(_plugins.string(), refusal.file.string());
        assertContains("written by others (mode 0777)", refusal.reason);
    }

    void stickyFolderOfPluginsIsRefusedToo()
    {
        make("alpha.so", "name=alpha");
        change(_plugins, 01777);

        assertContains("mode 1777", onlyRefusal().reason);
    }

    void folderAboveThatOthersMayWriteIsRefused()
    {
        make("alpha.so", "name=alpha");
        change(_root.path(), 0777);

        CPPUNIT_ASSERT_THROW_MESSAGE("the state is below it too", catalogue(), ConfigurationError);
        try
        {
            openTrustedDirectory(_plugins);
            CPPUNIT_FAIL("accepted");
        }
        catch (const Refused& refused)
        {
            assertContains("folder " + _root.path().string() + " can be written", refused.reason());
        }
    }

    void stickyFolderAboveIsAccepted()
    {
        make("alpha.so", "name=alpha");
        change(_root.path(), 01777);

        onlyAccepted();
    }

    void fileOfAnotherUserIsRefused()
    {
        if (geteuid() != 0) return; // only root can give a file away
        CPPUNIT_ASSERT_EQUAL(0, chown(make("alpha.so", "name=alpha").c_str(), 65534, 65534));

        assertContains("belongs to user 65534", onlyRefusal().reason);
    }

    void folderOfAnotherUserIsRefused()
    {
        if (geteuid() != 0) return;
        make("alpha.so", "name=alpha");
        CPPUNIT_ASSERT_EQUAL(0, chown(_plugins.c_str(), 65534, 65534));

        assertContains("belongs to user 65534", onlyRefusal().reason);
    }

    void symbolicLinkIsRefused()
    {
        fs::create_directory(_root / "elsewhere");
        fs::rename(make("alpha.so", "name=alpha"), _root / "elsewhere" / "alpha.so");
        fs::create_symlink(_root / "elsewhere" / "alpha.so", _plugins / "alpha.so");

        assertContains("symbolic link", onlyRefusal().reason);
    }

    void linkedFolderIsFollowedAndLookedAt()
    {
        make("alpha.so", "name=alpha");
        fs::create_directory_symlink("plugins/../plugins", _root / "current");
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, catalogue().scan({_root / "current"}).accepted.size());

        change(_plugins, 0777);
        assertContains("written by others", catalogue().scan({_root / "current"}).refused.at(0).reason);
    }

    void loopOfLinksIsRefused()
    {
        fs::create_directory_symlink(_root / "b", _root / "a");
        fs::create_directory_symlink(_root / "a", _root / "b");

        assertContains("loop of symbolic links", catalogue().scan({_root / "a"}).refused.at(0).reason);
    }

    void fifoIsRefusedWithoutWaiting()
    {
        CPPUNIT_ASSERT_EQUAL(0, mkfifo((_plugins / "pipe.so").c_str(), 0600));

        assertContains("no regular file", onlyRefusal().reason);
    }

    void folderCalledLikeAPluginIsRefused()
    {
        fs::create_directory(_plugins / "folder.so");

        assertContains("no regular file", onlyRefusal().reason);
    }

    void stateThatOthersMayWriteStopsTheStart()
    {
        change(_state, 0777);

        CPPUNIT_ASSERT_THROW(catalogue(), ConfigurationError);
    }

private:
    static void change(const fs::path& path, mode_t mode) { CPPUNIT_ASSERT_EQUAL(0, chmod(path.c_str(), mode)); }
};

CPPUNIT_TEST_SUITE_REGISTRATION(FileTrustTest);

} // namespace carillon::plugin
