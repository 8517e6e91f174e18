#include "metrics/MetricsRegistry.h"

#include "metrics/Snapshot.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <atomic>
#include <fmt/format.h>
#include <stdexcept>
#include <thread>
#include <vector>

using namespace carillon::metrics;
using namespace std::chrono_literals;

namespace
{

std::uint64_t valueOf(const Board& board, std::string_view name, std::string_view labels = "")
{
    const auto copy = snapshot(board);
    const auto* series = copy.find(name, labels);
    return series == nullptr ? 0 : series->values[0];
}

} // namespace

class MetricsRegistryTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(MetricsRegistryTest);
    CPPUNIT_TEST(seriesStartsAtZeroAndIsThereAtOnce);
    CPPUNIT_TEST(sameNameAndLabelsAreTheSameSeries);
    CPPUNIT_TEST(threadsLoseNoCount);
    CPPUNIT_TEST(threadsThatRegisterAtOnceGetOneSeries);
    CPPUNIT_TEST(observationsFallIntoTheirBuckets);
    CPPUNIT_TEST(defaultHandlesCountNothing);
    CPPUNIT_TEST(namesThatPrometheusForbidsAreRefused);
    CPPUNIT_TEST(oneNameHasOneKind);
    CPPUNIT_TEST(fullBoardCountsWhatItRefuses);
    CPPUNIT_TEST(tooLongLabelsAreCountedAsRefused);
    CPPUNIT_TEST(foldAddsCountersAndForgetsGauges);
    CPPUNIT_TEST(readersNeverSeeASumGoDownWhileChildrenDie);
    CPPUNIT_TEST_SUITE_END();

public:
    void seriesStartsAtZeroAndIsThereAtOnce()
    {
        const auto board = Board::inMemory();

        MetricsRegistry(*board).counter("jobs_total", "Jobs.", {{"outcome", "ok"}});

        const auto copy = snapshot(*board);
        CPPUNIT_ASSERT(copy.find("jobs_total", R"(outcome="ok")") != nullptr);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(0), copy.find("jobs_total", R"(outcome="ok")")->values[0]);
    }

    void sameNameAndLabelsAreTheSameSeries()
    {
        const auto board = Board::inMemory();
        MetricsRegistry one(*board);
        MetricsRegistry other(*board);

        one.counter("jobs_total", "Jobs.", {{"outcome", "ok"}}).add(2);
        other.counter("jobs_total", "Jobs.", {{"outcome", "ok"}}).add(3);
        other.counter("jobs_total", "Jobs.", {{"outcome", "dead"}}).add(7);

        CPPUNIT_ASSERT_EQUAL(std::uint64_t(5), valueOf(*board, "jobs_total", R"(outcome="ok")"));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(7), valueOf(*board, "jobs_total", R"(outcome="dead")"));
    }

    void threadsLoseNoCount()
    {
        const auto board = Board::create();
        MetricsRegistry registry(*board);
        const auto counter = registry.counter("jobs_total", "Jobs.");
        const auto gauge = registry.gauge("in_flight", "In flight.");
        const auto histogram = registry.histogram("seconds", "Time.", Buckets::Seconds);
        constexpr std::uint64_t rounds = 50'000;

        std::vector<std::thread> threads;
        for (int number = 0; number < 2; ++number)
            threads.emplace_back(
                [&]
                {
                    for (std::uint64_t round = 0; round < rounds; ++round)
                    {
                        counter.add();
                        gauge.add(1);
                        histogram.observe(1ms);
                        gauge.add(-1);
                    }
                });
        for (auto& thread : threads) thread.join();

        CPPUNIT_ASSERT_EQUAL(2 * rounds, counter.value());
        CPPUNIT_ASSERT_EQUAL(0.0, gauge.value());
        const auto copy = snapshot(*board);
        CPPUNIT_ASSERT_EQUAL(2 * rounds, copy.find("seconds", "")->values[0]);
        CPPUNIT_ASSERT_EQUAL(2 * rounds * 1'000'000, copy.find("seconds", "")->values[layout::sumIndex]);
    }

    void threadsThatRegisterAtOnceGetOneSeries()
    {
        const auto board = Board::inMemory();
        std::atomic<bool> go{false};
        std::vector<std::thread> threads;
        for (int number = 0; number < 4; ++number)
            threads.emplace_back(
                [&]
                {
                    MetricsRegistry registry(*board);
                    while (!go) std::this_thread::yield();
                    for (int type = 0; type < 50; ++type)
                        registry.counter("jobs_total", "Jobs.", {{"type", fmt::format("type-{}", type)}}).add();
                });
        go = true;
        for (auto& thread : threads) thread.join();

        const auto copy = snapshot(*board);
        CPPUNIT_ASSERT_EQUAL(std::size_t(50), copy.series.size());
        for (const auto& series : copy.series) CPPUNIT_ASSERT_EQUAL(std::uint64_t(4), series.values[0]);
    }

    void observationsFallIntoTheirBuckets()
    {
        const auto board = Board::inMemory();
        MetricsRegistry registry(*board);
        const auto seconds = registry.histogram("seconds", "Time.", Buckets::Seconds);
        const auto sizes = registry.histogram("batch", "Size.", Buckets::Count);

        seconds.observe(5ms); // the bound belongs to its bucket
        seconds.observe(6ms);
        seconds.observe(-1ms); // a clock of another machine
        seconds.observe(2min);
        sizes.observe(std::uint64_t(3));

        const auto copy = snapshot(*board);
        const auto& values = copy.find("seconds", "")->values;
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(2), values[0]);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(1), values[1]);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(1), values[boundsOf(Buckets::Seconds).size()]);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(120'011'000'000), values[layout::sumIndex]);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(1), copy.find("batch", "")->values[2]);
    }

    void defaultHandlesCountNothing()
    {
        const Counter counter;
        const Gauge gauge;
        counter.add();
        gauge.set(1);
        gauge.add(1);
        Histogram().observe(1s);

        CPPUNIT_ASSERT_EQUAL(std::uint64_t(0), counter.value());
        CPPUNIT_ASSERT_EQUAL(0.0, gauge.value());
    }

    void namesThatPrometheusForbidsAreRefused()
    {
        const auto board = Board::inMemory();
        MetricsRegistry registry(*board);

        CPPUNIT_ASSERT_THROW(registry.counter("notification.send", ""), std::invalid_argument);
        CPPUNIT_ASSERT_THROW(registry.counter("9lives", ""), std::invalid_argument);
        CPPUNIT_ASSERT_THROW(registry.counter("", ""), std::invalid_argument);
        CPPUNIT_ASSERT_THROW(registry.counter("jobs_total", "", {{"job-type", "x"}}), std::invalid_argument);
        CPPUNIT_ASSERT_THROW(registry.histogram("seconds", "", Buckets::Seconds, {{"le", "1"}}), std::invalid_argument);
        CPPUNIT_ASSERT_THROW(registry.gauge("depth", "", {{"group", "x"}}, GaugeRule::PerChild), std::invalid_argument);
        CPPUNIT_ASSERT_THROW(registry.counter(std::string(200, 'a'), ""), std::invalid_argument);
    }

    void oneNameHasOneKind()
    {
        const auto board = Board::inMemory();
        MetricsRegistry registry(*board);
        registry.counter("jobs", "Jobs.");

        CPPUNIT_ASSERT_THROW(registry.gauge("jobs", "Jobs."), std::invalid_argument);
    }

    void fullBoardCountsWhatItRefuses()
    {
        const auto board = Board::inMemory();
        MetricsRegistry registry(*board);
        for (std::size_t number = 0; number < layout::cellCount; ++number)
            registry.counter("jobs_total", "Jobs.", {{"type", std::to_string(number)}});

        registry.counter("jobs_total", "Jobs.", {{"type", "one more"}}).add();
        registry.counter("jobs_total", "Jobs.", {{"type", "17"}}).add();

        const auto copy = snapshot(*board);
        CPPUNIT_ASSERT_EQUAL(std::uint32_t(1), copy.seriesRefused);
        CPPUNIT_ASSERT_EQUAL(layout::cellCount, copy.series.size());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(1), valueOf(*board, "jobs_total", R"(type="17")"));
    }

    void tooLongLabelsAreCountedAsRefused()
    {
        const auto board = Board::inMemory();

        MetricsRegistry(*board).counter("jobs_total", "Jobs.", {{"type", std::string(300, 'x')}}).add();

        CPPUNIT_ASSERT_EQUAL(std::uint32_t(1), snapshot(*board).seriesRefused);
    }

    void foldAddsCountersAndForgetsGauges()
    {
        const auto master = Board::inMemory({Role::Master, "master", 0, 1});
        const auto child = Board::inMemory({Role::Worker, "g", 0, 1});
        for (int life = 0; life < 2; ++life)
        {
            MetricsRegistry registry(*child);
            registry.counter("jobs_total", "Jobs.", {{"outcome", "ok"}}).add(5);
            registry.histogram("seconds", "Time.", Buckets::Seconds).observe(1s);
            registry.gauge("in_flight", "In flight.").set(4);
            foldInto(*master, *child);
        }

        const auto copy = snapshot(*master);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(10), copy.find("jobs_total", R"(outcome="ok")")->values[0]);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(2'000'000'000), copy.find("seconds", "")->values[layout::sumIndex]);
        CPPUNIT_ASSERT(copy.find("in_flight", "") == nullptr);
        CPPUNIT_ASSERT_EQUAL(std::string("Jobs."), copy.families[copy.find("jobs_total", R"(outcome="ok")")->family].help);
        CPPUNIT_ASSERT(snapshot(*child).series.empty());
    }

    void readersNeverSeeASumGoDownWhileChildrenDie()
    {
        const std::shared_ptr<Board> master = Board::create({Role::Master, "master", 0, 1});
        const std::shared_ptr<Board> child = Board::create({Role::Worker, "g", 0, 1});
        const BoardSet boards({master, child});
        constexpr std::uint64_t lives = 2000;
        std::atomic<bool> ended{false};

        std::thread masterThread(
            [&]
            {
                for (std::uint64_t life = 0; life < lives; ++life)
                {
                    child->reset({Role::Worker, "g", 0, 1});
                    MetricsRegistry(*child).counter("jobs_total", "Jobs.").add(3);
                    foldInto(*master, *child);
                }
                ended = true;
            });
        std::uint64_t last = 0;
        bool wentDown = false;
        while (!ended)
        {
            std::uint64_t sum = 0;
            for (const auto& copy : boards.read())
                if (const auto* series = copy.find("jobs_total", "")) sum += series->values[0];
            wentDown = wentDown || sum < last || sum % 3 != 0;
            last = sum;
        }
        masterThread.join();

        CPPUNIT_ASSERT(!wentDown);
        CPPUNIT_ASSERT_EQUAL(lives * 3, valueOf(*master, "jobs_total"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(MetricsRegistryTest);
