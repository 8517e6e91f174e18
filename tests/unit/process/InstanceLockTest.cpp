#include "process/InstanceLock.h"

#include "carillon/Errors.h"
#include "support/TemporaryDirectory.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <optional>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace carillon;
using namespace carillon::process;

namespace
{

std::string refusalOf(const std::filesystem::path& directory)
{
    try
    {
        const InstanceLock lock(directory);
    }
    catch (const ConfigurationError& error)
    {
        return error.what();
    }
    return {};
}

} // namespace

class InstanceLockTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(InstanceLockTest);
    CPPUNIT_TEST(secondIsRefusedWithTheHoldersPid);
    CPPUNIT_TEST(endOfTheFirstLetsTheSecondIn);
    CPPUNIT_TEST(missingDirectoryIsMadePrivate);
    CPPUNIT_TEST(directoryThatCannotBeMadeIsNamed);
    CPPUNIT_TEST(childrensLockIsHeldAsLongAsADescriptorIsOpen);
    CPPUNIT_TEST(strangersThatHaveTheFileOpenAreNotKilled);
    CPPUNIT_TEST_SUITE_END();

public:
    void secondIsRefusedWithTheHoldersPid()
    {
        const tests::TemporaryDirectory directory;
        const InstanceLock first(directory.path());

        const auto refusal = refusalOf(directory.path());

        CPPUNIT_ASSERT_EQUAL(
            fmt::format("state directory {0} is in use by another Carillon (pid {1}); stop that one (kill -TERM {1}) or set "
                        "another state_dir",
                        directory.path().string(), ::getpid()),
            refusal);
    }

    void endOfTheFirstLetsTheSecondIn()
    {
        const tests::TemporaryDirectory directory;
        std::ofstream(directory / "instance.lock") << "99999999999 left by an earlier one\n";
        {
            const InstanceLock first(directory.path());
        }

        CPPUNIT_ASSERT_EQUAL(std::string(), refusalOf(directory.path()));
        std::string pid;
        std::getline(std::ifstream(directory / "instance.lock"), pid);
        CPPUNIT_ASSERT_EQUAL(std::to_string(::getpid()), pid);
    }

    void missingDirectoryIsMadePrivate()
    {
        const tests::TemporaryDirectory directory;
        const auto state = directory / "var" / "state";

        const InstanceLock lock(state);

        struct stat status = {};
        CPPUNIT_ASSERT_EQUAL(0, ::stat(state.c_str(), &status));
        CPPUNIT_ASSERT_EQUAL(mode_t(0700), mode_t(status.st_mode & 0777));
    }

    void directoryThatCannotBeMadeIsNamed()
    {
        const tests::TemporaryDirectory directory;
        std::ofstream(directory / "file") << "no directory";

        const auto refusal = refusalOf(directory / "file" / "state");

        CPPUNIT_ASSERT_MESSAGE(refusal, refusal.find((directory / "file" / "state").string()) != std::string::npos);
        CPPUNIT_ASSERT_MESSAGE(refusal, refusal.find("set another state_dir") != std::string::npos);
    }

    void childrensLockIsHeldAsLongAsADescriptorIsOpen()
    {
        const tests::TemporaryDirectory directory;
        ChildrenLock next(directory.path());
        FileDescriptor inherited;
        {
            ChildrenLock former(directory.path());
            CPPUNIT_ASSERT(former.tryTake());
            inherited.reset(::dup(former.descriptor())); // as a child has it
        }

        CPPUNIT_ASSERT(!next.tryTake());
        inherited.reset();
        CPPUNIT_ASSERT(next.tryTake());
    }

    void strangersThatHaveTheFileOpenAreNotKilled()
    {
        const tests::TemporaryDirectory directory;
        ChildrenLock lock(directory.path());
        int ends[2] = {-1, -1};
        CPPUNIT_ASSERT_EQUAL(0, ::pipe(ends));
        const pid_t stranger = ::fork();
        if (stranger == 0)
        {
            // Has the descriptor by the fork; ends when the test closes the pipe.
            ::close(ends[1]);
            char byte = 0;
            ::_exit(::read(ends[0], &byte, 1) == 0 ? 0 : 1);
        }

        CPPUNIT_ASSERT(lock.holders() == std::vector<int>{stranger});
        CPPUNIT_ASSERT_EQUAL(0, lock.killHolders());
        ::close(ends[0]);
        ::close(ends[1]);
        int status = -1;
        ::waitpid(stranger, &status, 0);
        CPPUNIT_ASSERT_EQUAL(0, status);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(InstanceLockTest);
