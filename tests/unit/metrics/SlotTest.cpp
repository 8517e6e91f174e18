#include "metrics/Slot.h"

#include "metrics/BootClock.h"
#include "metrics/Snapshot.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <atomic>
#include <set>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace carillon::metrics;
using namespace std::chrono_literals;

class SlotTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(SlotTest);
    CPPUNIT_TEST(messageIsOnTheBoardFromTakeToEnd);
    CPPUNIT_TEST(handlerThreadAndDeadlineAreKnownWhileItRuns);
    CPPUNIT_TEST(freedSlotIsUsedAgain);
    CPPUNIT_TEST(fullTableRefusesAndCounts);
    CPPUNIT_TEST(movedSlotEndsOnce);
    CPPUNIT_TEST(readersSeeWholeMessagesWhileThreadsHammer);
    CPPUNIT_TEST_SUITE_END();

public:
    void messageIsOnTheBoardFromTakeToEnd()
    {
        const auto board = Board::inMemory();
        SlotTable table(*board);

        const auto before = bootNow();
        auto slot = table.begin({.id = "0191-1", .batch = 9, .index = 4});
        auto seen = slotsOf(*board);
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), seen.size());
        CPPUNIT_ASSERT(seen[0].state == SlotState::Taken);
        CPPUNIT_ASSERT_EQUAL(std::string("0191-1"), seen[0].id);
        CPPUNIT_ASSERT_EQUAL(std::string(), seen[0].type);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(9), seen[0].batch);
        CPPUNIT_ASSERT_EQUAL(std::uint32_t(4), seen[0].index);
        CPPUNIT_ASSERT(seen[0].started >= before);

        slot.describe({.id = "0191-1", .type = "notification.send", .plugin = "send", .attempt = 2, .batch = 9, .index = 4});
        seen = slotsOf(*board);
        CPPUNIT_ASSERT_EQUAL(std::string("notification.send"), seen[0].type);
        CPPUNIT_ASSERT_EQUAL(std::string("send"), seen[0].plugin);
        CPPUNIT_ASSERT_EQUAL(std::uint32_t(2), seen[0].attempt);

        slot.end();
        slot.end();
        CPPUNIT_ASSERT(slotsOf(*board).empty());
    }

    void handlerThreadAndDeadlineAreKnownWhileItRuns()
    {
        const auto board = Board::inMemory();
        SlotTable table(*board);
        auto slot = table.begin({.id = "1"});

        slot.enter(123ns);
        CPPUNIT_ASSERT(slotsOf(*board)[0].state == SlotState::Running);
        CPPUNIT_ASSERT_EQUAL(static_cast<std::uint32_t>(::gettid()), slotsOf(*board)[0].thread);
        CPPUNIT_ASSERT(slotsOf(*board)[0].deadline == 123ns);

        // What the fatal-signal handler will do.
        slot.record()->crashAddress = 0xdead;
        slot.record()->crashSignal = 11;
        CPPUNIT_ASSERT_EQUAL(std::uint32_t(11), slotsOf(*board)[0].crashSignal);

        slot.leave();
        CPPUNIT_ASSERT(slotsOf(*board)[0].state == SlotState::Taken);
    }

    void freedSlotIsUsedAgain()
    {
        const auto board = Board::inMemory();
        SlotTable table(*board);

        for (int round = 0; round < 10'000; ++round) table.begin({.id = "1"});

        // Readers scan what was ever used: few, when few were in flight at a time.
        CPPUNIT_ASSERT(board->memory().header.slotsUsed <= 2);
        auto slot = table.begin({.id = "2"});
        CPPUNIT_ASSERT_EQUAL(std::uint32_t(0), slotsOf(*board)[0].crashSignal);
    }

    void fullTableRefusesAndCounts()
    {
        const auto board = Board::inMemory();
        SlotTable table(*board);
        std::vector<Slot> slots;
        std::set<layout::Slot*> records;
        for (std::size_t number = 0; number < layout::slotCount; ++number)
        {
            slots.push_back(table.begin({.id = "1"}));
            records.insert(slots.back().record());
        }
        CPPUNIT_ASSERT_EQUAL(layout::slotCount, records.size());
        CPPUNIT_ASSERT(!records.contains(nullptr));

        auto refused = table.begin({.id = "one more"});
        refused.describe({.id = "x"});
        refused.enter({});
        refused.leave();
        refused.end();
        slots.pop_back();

        CPPUNIT_ASSERT_EQUAL(std::uint64_t(1), snapshot(*board).slotsRefused);
        CPPUNIT_ASSERT(table.begin({.id = "now there is room"}).record() != nullptr);
    }

    void movedSlotEndsOnce()
    {
        const auto board = Board::inMemory();
        SlotTable table(*board);
        Slot outer;
        {
            auto inner = table.begin({.id = "1"});
            outer = std::move(inner);
        }
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), slotsOf(*board).size());

        outer = table.begin({.id = "2"});

        CPPUNIT_ASSERT_EQUAL(std::size_t(1), slotsOf(*board).size());
        CPPUNIT_ASSERT_EQUAL(std::string("2"), slotsOf(*board)[0].id);
    }

    void readersSeeWholeMessagesWhileThreadsHammer()
    {
        const auto board = Board::inMemory();
        SlotTable table(*board);
        std::atomic<int> running{2};
        std::vector<std::thread> threads;
        for (int number = 0; number < 2; ++number)
            threads.emplace_back(
                [&, number]
                {
                    for (int round = 0; round < 5000; ++round)
                    {
                        // All words of a message are the same, so that a mix shows.
                        const std::string word(static_cast<std::size_t>(20 + round % 15),
                                               static_cast<char>('a' + (number * 7 + round) % 26));
                        std::vector<Slot> batch;
                        for (std::uint32_t index = 0; index < 4; ++index)
                            batch.push_back(table.begin({.id = word, .type = word, .plugin = word, .index = index}));
                    }
                    --running;
                });

        bool isWhole = true;
        while (running > 0)
            for (const auto& slot : slotsOf(*board))
                isWhole = isWhole && slot.id == slot.type && slot.type == slot.plugin && !slot.id.empty();
        for (auto& thread : threads) thread.join();

        CPPUNIT_ASSERT(isWhole);
        CPPUNIT_ASSERT(slotsOf(*board).empty());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(0), snapshot(*board).slotsRefused);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SlotTest);
