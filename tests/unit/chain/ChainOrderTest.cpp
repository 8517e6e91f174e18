#include "chain/Chain.h"

#include "carillon/Errors.h"

#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>

using namespace carillon;
using namespace carillon::chain;

namespace
{

class Passing final : public Middleware
{
public:
    void process(Batch batch, const Next& next) override { next(batch); }
};

std::vector<Layer> layersOf(const std::vector<std::string>& names)
{
    std::vector<Layer> layers;
    for (const auto& name : names)
        layers.push_back({name, std::make_unique<Passing>()});
    return layers;
}

std::vector<std::string> namesOf(const std::vector<Layer>& layers)
{
    std::vector<std::string> names;
    for (const auto& layer : layers)
        names.push_back(layer.name);
    return names;
}

} // namespace

class ChainOrderTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ChainOrderTest);
    CPPUNIT_TEST(theShippedOrderIsRight);
    CPPUNIT_TEST(everySwapOfNeighboursThatMattersIsRefusedWithItsRule);
    CPPUNIT_TEST(aMissingLayerIsNamed);
    CPPUNIT_TEST(aLayerThatIsThereTwiceIsRefused);
    CPPUNIT_TEST(pluginsPlaceLayersOutsideOrInsideOfOthers);
    CPPUNIT_TEST(aPlacementThatCannotBeIsRefusedByName);
    CPPUNIT_TEST_SUITE_END();

    const std::vector<std::string> shipped{"trace", "metrics", "crash_guard", "dedupe", "deadline", "retry", "transaction"};

    void theShippedOrderIsRight() { CPPUNIT_ASSERT_EQUAL(std::string(), brokenRule(shipped)); }

    void everySwapOfNeighboursThatMattersIsRefusedWithItsRule()
    {
        for (const auto& [outer, inner] : {std::pair{"metrics", "retry"}, {"retry", "transaction"}, {"dedupe", "retry"}, {"deadline", "retry"}, {"trace", "metrics"},
                                           {"crash_guard", "dedupe"}, {"metrics", "dedupe"}, {"dedupe", "transaction"}})
        {
            auto names = shipped;
            std::iter_swap(std::find(names.begin(), names.end(), outer), std::find(names.begin(), names.end(), inner));
            CPPUNIT_ASSERT_MESSAGE(outer, !brokenRule(names).empty());
        }
        auto wrong = shipped;
        std::swap(wrong[5], wrong[6]);
        CPPUNIT_ASSERT_EQUAL(std::string("layer 'retry' must be outside 'transaction': each attempt has its own unit of work"), brokenRule(wrong));
        try
        {
            Chain chain(layersOf(wrong), nullptr);
            CPPUNIT_FAIL("a chain of a wrong order was built");
        }
        catch (const ConfigurationError& error)
        {
            CPPUNIT_ASSERT(std::string(error.what()).find("each attempt has its own unit of work") != std::string::npos);
        }
    }

    void aMissingLayerIsNamed() { CPPUNIT_ASSERT_EQUAL(std::string("the chain has no layer 'retry'"), brokenRule({"metrics", "dedupe", "deadline", "transaction"})); }

    void aLayerThatIsThereTwiceIsRefused()
    {
        auto twice = shipped;
        twice.push_back("mine");
        twice.push_back("mine");
        CPPUNIT_ASSERT_EQUAL(std::string("layer 'mine' is there twice"), brokenRule(twice));
    }

    void pluginsPlaceLayersOutsideOrInsideOfOthers()
    {
        auto layers = layersOf({"metrics", "retry", "transaction"});
        place(layers, {"outside", std::make_unique<Passing>()}, {"retry", ""});
        place(layers, {"inside", std::make_unique<Passing>()}, {"", "transaction"});
        CPPUNIT_ASSERT((std::vector<std::string>{"metrics", "outside", "retry", "transaction", "inside"}) == namesOf(layers));
    }

    void aPlacementThatCannotBeIsRefusedByName()
    {
        auto layers = layersOf({"metrics", "retry"});
        const auto refusal = [&layers](const std::string& name, const MiddlewarePlacement& placement) {
            try
            {
                place(layers, {name, std::make_unique<Passing>()}, placement);
            }
            catch (const ConfigurationError& error)
            {
                return std::string(error.what());
            }
            return std::string();
        };
        CPPUNIT_ASSERT(refusal("mine", {"absent", ""}).find("'absent'") != std::string::npos);
        CPPUNIT_ASSERT(refusal("mine", {"", ""}).find("exactly one") != std::string::npos);
        CPPUNIT_ASSERT(refusal("mine", {"retry", "metrics"}).find("exactly one") != std::string::npos);
        CPPUNIT_ASSERT(refusal("retry", {"metrics", ""}).find("choose another name") != std::string::npos);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ChainOrderTest);
