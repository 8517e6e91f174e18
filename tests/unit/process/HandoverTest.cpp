#include "process/Handover.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <fcntl.h>
#include <stdexcept>
#include <sys/mman.h>
#include <unistd.h>

using namespace carillon::metrics;
using namespace carillon::process;
using namespace std::chrono_literals;

namespace
{

Handover parse(std::vector<std::string> words)
{
    std::vector<char*> pointers;
    for (auto& word : words) pointers.push_back(word.data());
    return Handover::parse(pointers);
}

} // namespace

class HandoverTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(HandoverTest);
    CPPUNIT_TEST(commandLineComesBackAsItWas);
    CPPUNIT_TEST(brokenCommandLinesAreRefused);
    CPPUNIT_TEST(sealedContentComesBackAndCannotBeChanged);
    CPPUNIT_TEST(unsealedMemoryIsRefused);
    CPPUNIT_TEST_SUITE_END();

public:
    void commandLineComesBackAsItWas()
    {
        Handover handover;
        handover.identity = {Role::Worker, "a=b group", 4, 9};
        handover.masterPid = 77;
        handover.nice = -5;
        handover.boards = 12;
        handover.heartbeatInterval = 250ms;
        handover.drainTimeout = 90s;

        const auto words = handover.commandLine("carillon");
        const auto back = parse(words);

        CPPUNIT_ASSERT_EQUAL(std::string("carillon"), words[0]);
        CPPUNIT_ASSERT(back.identity.role == Role::Worker);
        CPPUNIT_ASSERT_EQUAL(std::string("a=b group"), back.identity.group);
        CPPUNIT_ASSERT_EQUAL(std::uint32_t(4), back.identity.index);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(9), back.identity.generation);
        CPPUNIT_ASSERT_EQUAL(std::uint32_t(77), back.masterPid);
        CPPUNIT_ASSERT_EQUAL(-5, back.nice);
        CPPUNIT_ASSERT_EQUAL(std::uint32_t(12), back.boards);
        CPPUNIT_ASSERT(back.heartbeatInterval == 250ms);
        CPPUNIT_ASSERT(back.drainTimeout == 90s);
    }

    void brokenCommandLinesAreRefused()
    {
        const auto words = Handover{{Role::Clerk, "clerk", 0, 1}}.commandLine("carillon");

        CPPUNIT_ASSERT_THROW(parse({"carillon"}), std::invalid_argument);
        CPPUNIT_ASSERT_THROW(parse({"carillon", "run"}), std::invalid_argument);
        CPPUNIT_ASSERT_THROW(parse({"carillon", "__child", "role=king"}), std::invalid_argument);
        for (std::size_t missing = 2; missing < words.size(); ++missing)
        {
            if (words[missing].starts_with("group=")) continue;
            auto some = words;
            some.erase(some.begin() + static_cast<std::ptrdiff_t>(missing));
            CPPUNIT_ASSERT_THROW_MESSAGE(words[missing], parse(some), std::invalid_argument);
        }
        auto odd = words;
        odd.back() = "drain_ms=soon";
        CPPUNIT_ASSERT_THROW(parse(odd), std::invalid_argument);
    }

    void sealedContentComesBackAndCannotBeChanged()
    {
        std::string content(200'000, 'x');
        content[5] = '\0';

        const auto memory = seal(content);

        CPPUNIT_ASSERT(unseal(memory.get()) == content);
        CPPUNIT_ASSERT(unseal(memory.get()) == content); // every child reads it from its beginning
        CPPUNIT_ASSERT_EQUAL(ssize_t(-1), ::pwrite(memory.get(), "y", 1, 0));
        CPPUNIT_ASSERT((::fcntl(memory.get(), F_GETFD) & FD_CLOEXEC) != 0);
        CPPUNIT_ASSERT_EQUAL(std::string(), unseal(seal("").get()));
    }

    void unsealedMemoryIsRefused()
    {
        const FileDescriptor memory(::memfd_create("open", MFD_CLOEXEC | MFD_ALLOW_SEALING));

        CPPUNIT_ASSERT_THROW(unseal(memory.get()), std::invalid_argument);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(HandoverTest);
