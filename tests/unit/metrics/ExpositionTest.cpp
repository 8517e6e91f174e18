#include "metrics/Exposition.h"

#include "ExpositionText.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <cmath>
#include <limits>
#include <memory>
#include <vector>

using namespace carillon::metrics;
using carillon::tests::ExpositionText;
using namespace std::chrono_literals;

namespace
{

/// A master and two workers of one group.
class Instance
{
public:
    Board& master() { return *_boards[0]; }
    Board& worker(std::size_t index) { return *_boards[index + 1]; }
    MetricsRegistry registry(std::size_t index) { return MetricsRegistry(worker(index)); }

    std::string text() const
    {
        std::vector<BoardSnapshot> copies;
        for (const auto& board : _boards) copies.push_back(snapshot(*board));
        return expose(copies);
    }
    ExpositionText parsed() const { return ExpositionText(text()); }

private:
    std::vector<std::shared_ptr<Board>> _boards{Board::inMemory({Role::Master, "master", 0, 1}), Board::inMemory({Role::Worker, "g", 0, 1}),
                                                Board::inMemory({Role::Worker, "g", 1, 1})};
};

} // namespace

class ExpositionTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ExpositionTest);
    CPPUNIT_TEST(countersAreAddedOverProcesses);
    CPPUNIT_TEST(gaugesFollowTheirRule);
    CPPUNIT_TEST(newerGenerationSpeaksForAProcess);
    CPPUNIT_TEST(histogramsAreMergedCumulativeAndInSeconds);
    CPPUNIT_TEST(labelsAndHelpAreEscaped);
    CPPUNIT_TEST(specialNumbersHaveTheirNames);
    CPPUNIT_TEST(deadChildsCountersStay);
    CPPUNIT_TEST(statesAndHeartbeatsAreTold);
    CPPUNIT_TEST(refusedSeriesAreTold);
    CPPUNIT_TEST(kindThatChangedBetweenGenerationsBreaksNothing);
    CPPUNIT_TEST(checkerFindsWhatIsWrong);
    CPPUNIT_TEST_SUITE_END();

public:
    void countersAreAddedOverProcesses()
    {
        Instance instance;
        for (std::size_t index : {0U, 1U})
            instance.registry(index)
                .counter("carillon_jobs_processed_total", "Jobs.", {{"type", "notification.send"}, {"outcome", "ok"}})
                .add(index + 2);
        instance.registry(1).counter("carillon_jobs_processed_total", "Jobs.", {{"type", "notification.send"}, {"outcome", "dead"}});

        const auto text = instance.parsed();

        CPPUNIT_ASSERT_EQUAL(5.0, text.at(R"(carillon_jobs_processed_total{type="notification.send",outcome="ok"})"));
        CPPUNIT_ASSERT_EQUAL(0.0, text.at(R"(carillon_jobs_processed_total{type="notification.send",outcome="dead"})"));
        CPPUNIT_ASSERT_EQUAL(std::string("counter"), text.typeOf("carillon_jobs_processed_total"));
        CPPUNIT_ASSERT_EQUAL(std::string("Jobs."), text.helpOf("carillon_jobs_processed_total"));
    }

    void gaugesFollowTheirRule()
    {
        Instance instance;
        for (std::size_t index : {0U, 1U})
        {
            auto registry = instance.registry(index);
            registry.gauge("in_flight", "", {}).set(static_cast<double>(index) + 1);
            registry.gauge("breaker", "", {}, GaugeRule::Maximum).set(index == 0 ? -3 : -2);
            registry.gauge("memory_bytes", "", {{"kind", "rss"}}, GaugeRule::PerChild).set(100.5 + static_cast<double>(index));
        }

        const auto text = instance.parsed();

        CPPUNIT_ASSERT_EQUAL(3.0, text.at("in_flight"));
        CPPUNIT_ASSERT_EQUAL(-2.0, text.at("breaker"));
        CPPUNIT_ASSERT_EQUAL(100.5, text.at(R"(memory_bytes{kind="rss",role="worker",group="g",index="0"})"));
        CPPUNIT_ASSERT_EQUAL(101.5, text.at(R"(memory_bytes{kind="rss",role="worker",group="g",index="1"})"));
    }

    void newerGenerationSpeaksForAProcess()
    {
        const auto old = Board::inMemory({Role::Worker, "g", 0, 1});
        const auto next = Board::inMemory({Role::Worker, "g", 0, 2});
        MetricsRegistry(*old).gauge("memory_bytes", "", {}, GaugeRule::PerChild).set(1);
        MetricsRegistry(*next).gauge("memory_bytes", "", {}, GaugeRule::PerChild).set(2);
        old->adopt();
        next->adopt();

        for (const auto& boards : {std::vector{snapshot(*old), snapshot(*next)}, std::vector{snapshot(*next), snapshot(*old)}})
            CPPUNIT_ASSERT_EQUAL(2.0, ExpositionText(expose(boards)).at(R"(memory_bytes{role="worker",group="g",index="0"})"));
    }

    void histogramsAreMergedCumulativeAndInSeconds()
    {
        Instance instance;
        instance.registry(0).histogram("seconds", "Time.", Buckets::Seconds, {{"type", "a"}}).observe(20ms);
        instance.registry(1).histogram("seconds", "Time.", Buckets::Seconds, {{"type", "a"}}).observe(90s);
        instance.registry(1).histogram("batch", "Size.", Buckets::Count).observe(std::uint64_t(64));

        const auto text = instance.parsed(); // checks order and sums of buckets

        CPPUNIT_ASSERT_EQUAL(0.0, text.at(R"(seconds_bucket{type="a",le="0.01"})"));
        CPPUNIT_ASSERT_EQUAL(1.0, text.at(R"(seconds_bucket{type="a",le="0.025"})"));
        CPPUNIT_ASSERT_EQUAL(1.0, text.at(R"(seconds_bucket{type="a",le="60"})"));
        CPPUNIT_ASSERT_EQUAL(2.0, text.at(R"(seconds_bucket{type="a",le="+Inf"})"));
        CPPUNIT_ASSERT_EQUAL(2.0, text.at(R"(seconds_count{type="a"})"));
        CPPUNIT_ASSERT_DOUBLES_EQUAL(90.02, text.at(R"(seconds_sum{type="a"})"), 1e-9);
        CPPUNIT_ASSERT_EQUAL(64.0, text.at("batch_sum"));
        CPPUNIT_ASSERT_EQUAL(0.0, text.at(R"(batch_bucket{le="32"})"));
    }

    void labelsAndHelpAreEscaped()
    {
        Instance instance;
        instance.registry(0).counter("odd_total", "a \\ and\na \"line\"", {{"reason", "say \"no\" \\ \n now"}}).add();

        const auto text = instance.parsed();

        CPPUNIT_ASSERT_EQUAL(1.0, text.at(R"(odd_total{reason="say \"no\" \\ \n now"})"));
        CPPUNIT_ASSERT_EQUAL(std::string(R"(a \\ and\na "line")"), text.helpOf("odd_total"));
    }

    void specialNumbersHaveTheirNames()
    {
        Instance instance;
        instance.registry(0).gauge("up", "").set(std::numeric_limits<double>::infinity());
        instance.registry(0).gauge("down", "").set(-std::numeric_limits<double>::infinity());
        instance.registry(0).gauge("lost", "").set(std::nan(""));

        const auto text = instance.parsed();

        CPPUNIT_ASSERT_EQUAL(std::numeric_limits<double>::infinity(), text.at("up"));
        CPPUNIT_ASSERT_EQUAL(-std::numeric_limits<double>::infinity(), text.at("down"));
        CPPUNIT_ASSERT(std::isnan(text.at("lost")));
    }

    void deadChildsCountersStay()
    {
        Instance instance;
        instance.registry(0).counter("jobs_total", "Jobs.").add(4);
        instance.registry(1).counter("jobs_total", "Jobs.").add(5);

        foldInto(instance.master(), instance.worker(0));

        CPPUNIT_ASSERT_EQUAL(9.0, instance.parsed().at("jobs_total"));
    }

    void statesAndHeartbeatsAreTold()
    {
        Instance instance;
        instance.worker(1).adopt();
        instance.worker(1).setState(State::Quiet);
        instance.worker(1).memory().header.handlerThreads = 4;
        instance.worker(1).memory().header.busyHandlers = 3;

        const auto text = instance.parsed();

        CPPUNIT_ASSERT_EQUAL(1.0, text.at(R"(carillon_process_state{role="worker",group="g",index="1",state="quiet"})"));
        CPPUNIT_ASSERT_EQUAL(0.0, text.at(R"(carillon_process_state{role="worker",group="g",index="1",state="ready"})"));
        CPPUNIT_ASSERT(text.at(R"(carillon_process_heartbeat_age_seconds{role="worker",group="g",index="1"})") < 60);
        CPPUNIT_ASSERT_EQUAL(4.0, text.at(R"(carillon_handler_threads{role="worker",group="g",index="1"})"));
        CPPUNIT_ASSERT_EQUAL(3.0, text.at(R"(carillon_handlers_busy{role="worker",group="g",index="1"})"));
        // Nobody has taken this board yet.
        CPPUNIT_ASSERT(!text.has(R"(carillon_process_state{role="worker",group="g",index="0",state="starting"})"));
    }

    void refusedSeriesAreTold()
    {
        Instance instance;
        instance.registry(0).counter("jobs_total", "Jobs.", {{"type", std::string(300, 'x')}}).add();

        CPPUNIT_ASSERT_EQUAL(1.0, instance.parsed().at("carillon_metrics_series_refused_total"));
    }

    void kindThatChangedBetweenGenerationsBreaksNothing()
    {
        Instance instance;
        instance.registry(0).counter("depth", "Depth.").add(4);
        instance.registry(1).gauge("depth", "Depth.").set(9);

        CPPUNIT_ASSERT_EQUAL(4.0, instance.parsed().at("depth"));
        foldInto(instance.master(), instance.worker(0));
        CPPUNIT_ASSERT_EQUAL(4.0, instance.parsed().at("depth"));
    }

    void checkerFindsWhatIsWrong()
    {
        for (const char* wrong : {"# TYPE a counter\na 1\n", "# HELP a \n# TYPE a counter\na 1", "# HELP a \n# TYPE a counter\na 1\na 1\n",
                                  "# HELP a \n# TYPE a counter\nb 1\n", "# HELP a \n# TYPE a counter\na{x=\"\\t\"} 1\n",
                                  "# HELP a \n# TYPE a histogram\na_bucket{le=\"1\"} 2\na_bucket{le=\"+Inf\"} 1\na_sum 1\na_count 1\n"})
            CPPUNIT_ASSERT_THROW(ExpositionText{wrong}, std::runtime_error);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ExpositionTest);
