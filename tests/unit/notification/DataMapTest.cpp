#include "notification/DataMap.h"

#include "carillon/Errors.h"

#include <cppunit/extensions/HelperMacros.h>

namespace carillon::tests
{

using notification::flattenData;
using Entries = std::map<std::string, std::string>;

class DataMapTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(DataMapTest);
    CPPUNIT_TEST(textsAreHandedOnAsTheyAre);
    CPPUNIT_TEST(valuesThatAreNoTextsBecomeJson);
    CPPUNIT_TEST(listsBecomeEntriesNamedByTheirPosition);
    CPPUNIT_TEST(emptyObjectsListsAndNullGiveNoEntries);
    CPPUNIT_TEST(namesThatFcmReservesAreRefused);
    CPPUNIT_TEST(namesThatOnlyLookReservedPass);
    CPPUNIT_TEST(whatIsNeitherObjectNorListIsRefused);
    CPPUNIT_TEST(refusalsShowNoContent);
    CPPUNIT_TEST_SUITE_END();

public:
    void textsAreHandedOnAsTheyAre()
    {
        const auto entries = flattenData(R"({"écran":"carnet 📒","lien":"a\"b\\c"})");

        CPPUNIT_ASSERT((entries == Entries{{"écran", "carnet 📒"}, {"lien", "a\"b\\c"}}));
    }

    void valuesThatAreNoTextsBecomeJson()
    {
        const auto entries = flattenData(R"({"n":12,"f":5.5,"t":true,"z":null,"o":{"à":[1,{"b":"é"}]},"l":["x",2]})");

        CPPUNIT_ASSERT(
            (entries ==
             Entries{{"n", "12"}, {"f", "5.5"}, {"t", "true"}, {"z", "null"}, {"o", R"({"à":[1,{"b":"é"}]})"}, {"l", R"(["x",2])"}}));
    }

    void listsBecomeEntriesNamedByTheirPosition()
    {
        const auto entries = flattenData(R"(["a",{"b":1},[2]])");

        CPPUNIT_ASSERT((entries == Entries{{"0", "a"}, {"1", R"({"b":1})"}, {"2", "[2]"}}));
    }

    void emptyObjectsListsAndNullGiveNoEntries()
    {
        for (const char* empty : {"{}", "[]", "null", ""}) CPPUNIT_ASSERT_MESSAGE(empty, flattenData(empty).empty());
    }

    void namesThatFcmReservesAreRefused()
    {
        for (const char* reserved : {R"({"from":"x"})", R"({"message_type":"x"})", R"({"google.c.a.e":"1"})",
                                     R"({"gcm.notification.e":"1"})", R"({"googleish":"1"})", R"({"":"1"})"})
            CPPUNIT_ASSERT_THROW_MESSAGE(reserved, flattenData(reserved), PermanentFailure);
    }

    void namesThatOnlyLookReservedPass()
    {
        CPPUNIT_ASSERT_EQUAL(std::size_t{4},
                             flattenData(R"({"fromage":"x","message_types":"x","a.google":"x","nested":{"from":"x"}})").size());
    }

    void whatIsNeitherObjectNorListIsRefused()
    {
        for (const char* other : {"12", "\"text\"", "true", "{", "[1,]"})
            CPPUNIT_ASSERT_THROW_MESSAGE(other, flattenData(other), PermanentFailure);
    }

    void refusalsShowNoContent()
    {
        try
        {
            flattenData(R"({"google.Durand":"diabète"})");
            CPPUNIT_FAIL("a reserved name passed");
        }
        catch (const PermanentFailure& failure)
        {
            const std::string text = failure.what();
            CPPUNIT_ASSERT(text.find("Durand") == std::string::npos);
            CPPUNIT_ASSERT(text.find("diabète") == std::string::npos);
            CPPUNIT_ASSERT(text.find("rename") != std::string::npos);
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DataMapTest);

} // namespace carillon::tests
