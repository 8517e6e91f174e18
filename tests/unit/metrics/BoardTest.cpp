#include "metrics/Board.h"

#include "carillon/Errors.h"
#include "metrics/BootClock.h"
#include "metrics/MetricsRegistry.h"
#include "metrics/Snapshot.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <cerrno>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace carillon;
using namespace carillon::metrics;

namespace
{

const Identity worker{Role::Worker, "notifications", 3, 7};

} // namespace

class BoardTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(BoardTest);
    CPPUNIT_TEST(whatTheWriterWritesIsReadThroughAReadOnlyDescriptor);
    CPPUNIT_TEST(readOnlyDescriptorCannotBeMappedForWriting);
    CPPUNIT_TEST(sizeIsSealed);
    CPPUNIT_TEST(writersDeathLosesNothing);
    CPPUNIT_TEST(foreignMemoryIsRefusedWithARemedy);
    CPPUNIT_TEST(anotherLayoutIsRefused);
    CPPUNIT_TEST(noteIsCutBetweenCharacters);
    CPPUNIT_TEST(resetEmptiesTheBoard);
    CPPUNIT_TEST_SUITE_END();

public:
    void whatTheWriterWritesIsReadThroughAReadOnlyDescriptor()
    {
        const auto board = Board::create(worker);
        const int descriptor = board->openReadOnly();
        const auto reader = Board::attach(descriptor, Board::Access::ReadOnly);
        ::close(descriptor);

        const auto before = bootNow();
        board->adopt();
        board->setState(State::Ready);
        board->reachedHandler();
        board->setNote("waits for the broker");

        CPPUNIT_ASSERT_EQUAL(std::string("notifications"), reader->identity().group);
        CPPUNIT_ASSERT_EQUAL(std::uint32_t(3), reader->identity().index);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(7), reader->identity().generation);
        CPPUNIT_ASSERT(reader->identity().role == Role::Worker);
        CPPUNIT_ASSERT_EQUAL(static_cast<std::uint32_t>(::getpid()), reader->pid());
        CPPUNIT_ASSERT(reader->state() == State::Ready);
        CPPUNIT_ASSERT(reader->lastBeat() >= before);
        CPPUNIT_ASSERT(reader->lastReachedHandler() >= reader->lastBeat());
        CPPUNIT_ASSERT_EQUAL(std::string("waits for the broker"), reader->note());
    }

    void readOnlyDescriptorCannotBeMappedForWriting()
    {
        const auto board = Board::create(worker);
        const int descriptor = board->openReadOnly();

        void* memory = ::mmap(nullptr, sizeof(layout::Board), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);

        CPPUNIT_ASSERT(memory == MAP_FAILED);
        CPPUNIT_ASSERT_THROW(Board::attach(descriptor, Board::Access::ReadWrite), std::system_error);
        ::close(descriptor);
    }

    void sizeIsSealed()
    {
        const auto board = Board::create(worker);

        CPPUNIT_ASSERT_EQUAL(-1, ::ftruncate(board->descriptor(), 4096));
        CPPUNIT_ASSERT_EQUAL(EPERM, errno);
        CPPUNIT_ASSERT((::fcntl(board->descriptor(), F_GETFD) & FD_CLOEXEC) != 0);
    }

    void writersDeathLosesNothing()
    {
        const auto board = Board::create(worker);
        const pid_t child = ::fork();
        if (child == 0)
        {
            board->adopt();
            MetricsRegistry(*board).counter("done_total", "Done.").add(41);
            ::kill(::getpid(), SIGKILL);
        }
        ::waitpid(child, nullptr, 0);

        CPPUNIT_ASSERT_EQUAL(static_cast<std::uint32_t>(child), board->pid());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(41), snapshot(*board).find("done_total", "")->values[0]);
    }

    void foreignMemoryIsRefusedWithARemedy()
    {
        const int descriptor = ::memfd_create("other", MFD_CLOEXEC);
        try
        {
            Board::attach(descriptor, Board::Access::ReadOnly);
            CPPUNIT_FAIL("attached an empty file");
        }
        catch (const ConfigurationError& error)
        {
            CPPUNIT_ASSERT(std::string(error.what()).find("start it again with one binary") != std::string::npos);
        }
        ::close(descriptor);
    }

    void anotherLayoutIsRefused()
    {
        const auto board = Board::create(worker);
        board->memory().header.version = layout::version + 1;

        CPPUNIT_ASSERT_THROW(Board::attach(board->descriptor(), Board::Access::ReadOnly), ConfigurationError);
    }

    void noteIsCutBetweenCharacters()
    {
        const auto board = Board::inMemory(worker);

        board->setNote(std::string(510, 'x') + "é");

        CPPUNIT_ASSERT_EQUAL(std::string(510, 'x'), board->note());
    }

    void resetEmptiesTheBoard()
    {
        const auto board = Board::inMemory(worker);
        board->adopt();
        MetricsRegistry(*board).counter("done_total", "Done.").add();
        SlotTable slots(*board);
        auto held = slots.begin({.id = "1"});

        board->reset({Role::Clerk, "clerk", 0, 8});

        const auto empty = snapshot(*board);
        CPPUNIT_ASSERT(empty.identity.role == Role::Clerk);
        CPPUNIT_ASSERT_EQUAL(std::uint32_t(0), empty.pid);
        CPPUNIT_ASSERT(empty.series.empty() && empty.families.empty());
        CPPUNIT_ASSERT(slotsOf(*board).empty());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(0), MetricsRegistry(*board).counter("done_total", "Done.").value());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(BoardTest);
