#include "admin/MetricsPage.h"

#include <cppunit/extensions/HelperMacros.h>

namespace carillon::tests::admin
{

using namespace carillon::admin;

class MetricsPageTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(MetricsPageTest);
    CPPUNIT_TEST(aStoreThatDoesNotAnswerIsDown);
    CPPUNIT_TEST(unknownCountsAreLeftOut);
    CPPUNIT_TEST(labelsAreEscaped);
    CPPUNIT_TEST_SUITE_END();

public:
    void aStoreThatDoesNotAnswerIsDown()
    {
        CPPUNIT_ASSERT(has({}, "carillon_store_up 0\n"));
        CPPUNIT_ASSERT(has(Observation{}, "carillon_store_up 0\n"));
    }

    void unknownCountsAreLeftOut()
    {
        Observation observation;
        port::QueueStats queue;
        queue.queue = "q";
        queue.ready = 3;
        observation.queues["t"] = {queue};

        CPPUNIT_ASSERT(has(observation, "carillon_queue_messages{transport=\"t\",queue=\"q\",state=\"ready\"} 3\n"));
        CPPUNIT_ASSERT(!has(observation, "state=\"taken\"} "));
    }

    void labelsAreEscaped()
    {
        Observation observation;
        observation.isStoreWell = true;
        observation.deadByType = {{"a\"b", 2}};

        CPPUNIT_ASSERT(has(observation, "carillon_dead_letters{type=\"a\\\"b\"} 2\n"));
    }

private:
    static bool has(const std::optional<Observation>& observation, const std::string& line)
    {
        return exposeObservation(observation).find(line) != std::string::npos;
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(MetricsPageTest);

} // namespace carillon::tests::admin
