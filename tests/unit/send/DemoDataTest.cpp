#include "SendMessage.h"

#include "carillon/Errors.h"
#include "schema/Schema.h"

#include <cppunit/extensions/HelperMacros.h>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace carillon::tests
{

/// etc/demo shows what docs/notification-send.md says: each special line is there, once, and all others can be delivered.
class DemoDataTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(DemoDataTest);
    CPPUNIT_TEST(thereAreTwoHundredLinesOfAllTypesAndServices);
    CPPUNIT_TEST(oneLineIsBrokenAndOneBreaksTheSchema);
    CPPUNIT_TEST(oneUserIsUnknownAndOneIsOverTheRateLimit);
    CPPUNIT_TEST(everyAddressIsRegisteredInTheFakeAndFaultsMatchAddresses);
    CPPUNIT_TEST(aDeadAddressAHealingOneAndAFailingOneAreWrittenTo);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override
    {
        const schema::Schema schema(send::sendMessageSchema);
        std::ifstream file(folder() + "notifications.jsonl");
        for (std::string line; std::getline(file, line); ++_lines)
        {
            try
            {
                if (schema.validate(line))
                {
                    ++_violations;
                    continue;
                }
            }
            catch (const InvalidInput&)
            {
                ++_broken;
                continue;
            }
            Envelope envelope;
            envelope.body = line;
            _requests.push_back(send::parseSendMessage(envelope));
            ++_byUser[_requests.back().userId];
        }
        std::ifstream devices(folder() + "devices.json");
        _devices = nlohmann::json::parse(devices);
    }

    void thereAreTwoHundredLinesOfAllTypesAndServices()
    {
        std::set<std::string> kinds;
        bool hasEmoji = false;
        for (const auto& request : _requests)
        {
            kinds.insert(request.serviceName + "/" + std::string(toString(request.type)));
            hasEmoji = hasEmoji || request.title.find("🎉") != std::string::npos;
        }
        CPPUNIT_ASSERT_EQUAL(200, _lines);
        CPPUNIT_ASSERT_EQUAL(std::size_t{9}, kinds.size());
        CPPUNIT_ASSERT(hasEmoji);
    }

    void oneLineIsBrokenAndOneBreaksTheSchema()
    {
        CPPUNIT_ASSERT_EQUAL(1, _broken);
        CPPUNIT_ASSERT_EQUAL(1, _violations);
    }

    void oneUserIsUnknownAndOneIsOverTheRateLimit()
    {
        std::set<std::string> known;
        for (const auto& user : _devices.at("users")) known.insert(user.at("userId").get<std::string>());
        std::vector<std::string> unknown;
        std::vector<std::string> over;
        for (const auto& [user, count] : _byUser)
        {
            if (!known.contains(user)) unknown.push_back(user);
            if (count > 10) over.push_back(user);
        }
        CPPUNIT_ASSERT((unknown == std::vector<std::string>{"u-9999"}));
        CPPUNIT_ASSERT((over == std::vector<std::string>{"u-2001"}));
        CPPUNIT_ASSERT_EQUAL(12, _byUser["u-2001"]);
    }

    void everyAddressIsRegisteredInTheFakeAndFaultsMatchAddresses()
    {
        std::map<std::string, std::string> fake;
        for (const auto& address : _devices.at("fakeFcm").at("addresses"))
            fake[address.at("address").get<std::string>()] = address.at("kind").get<std::string>();
        std::size_t devices = 0;
        for (const auto& user : _devices.at("users"))
            for (const auto& device : user.at("devices"))
            {
                ++devices;
                CPPUNIT_ASSERT_EQUAL(device.at("kind").get<std::string>(), fake.at(device.at("value").get<std::string>()));
            }
        CPPUNIT_ASSERT_EQUAL(devices, fake.size());
        for (const auto& fault : _devices.at("fakeFcm").at("faults"))
            CPPUNIT_ASSERT(fake.contains(fault.at("match").at("address").get<std::string>()));
    }

    void aDeadAddressAHealingOneAndAFailingOneAreWrittenTo()
    {
        CPPUNIT_ASSERT_EQUAL(1, _byUser["u-2002"]);
        CPPUNIT_ASSERT_EQUAL(1, _byUser["u-2004"]);
        CPPUNIT_ASSERT_EQUAL(1, _byUser["u-2005"]);
        const auto& faults = _devices.at("fakeFcm").at("faults");
        CPPUNIT_ASSERT(!faults.at(0).at("answers").at(0).contains("times"));
        CPPUNIT_ASSERT(faults.at(1).at("answers").at(0).at("times") == "forever");
    }

private:
    static std::string folder()
    {
        const char* source = std::getenv("CARILLON_SOURCE_DIR");
        CPPUNIT_ASSERT_MESSAGE("CARILLON_SOURCE_DIR is not set; run it by ctest", source != nullptr);
        return std::string(source) + "/etc/demo/";
    }

    int _lines = 0;
    int _broken = 0;
    int _violations = 0;
    std::vector<notification::SendRequest> _requests;
    std::map<std::string, int> _byUser;
    nlohmann::json _devices;
};

CPPUNIT_TEST_SUITE_REGISTRATION(DemoDataTest);

} // namespace carillon::tests
