#include "Keys.h"

#include "push/fcm/ServiceAccount.h"

#include "carillon/Errors.h"
#include "support/TemporaryDirectory.h"

#include <cppunit/extensions/HelperMacros.h>
#include <nlohmann/json.hpp>

#include <fstream>

namespace carillon::push::fcm
{

using nlohmann::json;
namespace fs = std::filesystem;

class ServiceAccountTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ServiceAccountTest);
    CPPUNIT_TEST(googlesFileIsRead);
    CPPUNIT_TEST(lineEndsThatWereEscapedTwiceAreRepaired);
    CPPUNIT_TEST(anOldKeyIsRead);
    CPPUNIT_TEST(eachMissingMemberIsNamed);
    CPPUNIT_TEST(aMissingFileSaysWhereToGetOne);
    CPPUNIT_TEST(aFileOpenToOthersIsRefusedWithTheCommandThatClosesIt);
    CPPUNIT_TEST(aGroupMayReadIt);
    CPPUNIT_TEST(whatIsNoServiceAccountIsRefused);
    CPPUNIT_TEST(noErrorHoldsTheKey);
    CPPUNIT_TEST_SUITE_END();

    tests::TemporaryDirectory _folder;
    const fs::path _file = _folder / "account.json";

    static json document(const std::string& key = pkcs8Key)
    {
        return {{"type", "service_account"},          {"project_id", "demo"},
                {"private_key_id", "0123"},           {"private_key", key},
                {"client_email", "push@demo"},        {"token_uri", "https://oauth2.googleapis.com/token"},
                {"universe_domain", "googleapis.com"}};
    }

    void write(const std::string& text, fs::perms permissions = fs::perms::owner_read | fs::perms::owner_write)
    {
        std::ofstream(_file) << text;
        fs::permissions(_file, permissions);
    }

    std::string refusal() const
    {
        try
        {
            ServiceAccount::load(_file);
        }
        catch (const ConfigurationError& error)
        {
            const std::string text = error.what();
            CPPUNIT_ASSERT_MESSAGE(text, text.find(_file.string()) != std::string::npos);
            CPPUNIT_ASSERT_MESSAGE(text, text.find('\n') == std::string::npos);
            return text;
        }
        return "taken";
    }

    void assertRefused(const std::string& text, const std::string& why)
    {
        write(text);
        const auto said = refusal();
        CPPUNIT_ASSERT_MESSAGE(said, said.find(why) != std::string::npos);
    }

public:
    void googlesFileIsRead()
    {
        write(document().dump(2));
        const auto account = ServiceAccount::load(_file);
        CPPUNIT_ASSERT_EQUAL(std::string("demo"), account.projectId);
        CPPUNIT_ASSERT_EQUAL(std::string("push@demo"), account.clientEmail);
        CPPUNIT_ASSERT_EQUAL(std::string("0123"), account.privateKeyId);
        CPPUNIT_ASSERT_EQUAL(pkcs8Key, account.privateKey);
        CPPUNIT_ASSERT_EQUAL(std::string("https://oauth2.googleapis.com/token"), account.tokenUri);
    }

    void lineEndsThatWereEscapedTwiceAreRepaired()
    {
        std::string escaped;
        for (const char c : pkcs8Key) escaped += c == '\n' ? std::string("\\n") : std::string(1, c);
        write(document(escaped).dump());
        CPPUNIT_ASSERT_EQUAL(pkcs8Key, ServiceAccount::load(_file).privateKey);
    }

    void anOldKeyIsRead()
    {
        write(document(pkcs1Key).dump());
        CPPUNIT_ASSERT_EQUAL(pkcs1Key, ServiceAccount::load(_file).privateKey);
    }

    void eachMissingMemberIsNamed()
    {
        for (const auto* name : {"type", "project_id", "private_key", "client_email", "token_uri"})
        {
            auto without = document();
            without.erase(name);
            assertRefused(without.dump(), std::string("has no '") + name + "'");
            without[name] = 7;
            assertRefused(without.dump(), std::string("has no '") + name + "'");
            without[name] = "";
            assertRefused(without.dump(), std::string("has no '") + name + "'");
        }
    }

    void aMissingFileSaysWhereToGetOne()
    {
        const auto said = refusal();
        CPPUNIT_ASSERT_MESSAGE(said, said.find("No such file") != std::string::npos && said.find("Firebase console") != std::string::npos);
    }

    void aFileOpenToOthersIsRefusedWithTheCommandThatClosesIt()
    {
        for (const unsigned mode : {0604U, 0602U, 0620U, 0644U, 0666U})
        {
            write(document().dump(), static_cast<fs::perms>(mode));
            const auto said = refusal();
            CPPUNIT_ASSERT_MESSAGE(said, said.find("chmod 600 " + _file.string()) != std::string::npos);
        }
    }

    void aGroupMayReadIt()
    {
        write(document().dump(), static_cast<fs::perms>(0440U));
        CPPUNIT_ASSERT_EQUAL(std::string("demo"), ServiceAccount::load(_file).projectId);
    }

    void whatIsNoServiceAccountIsRefused()
    {
        assertRefused("", "no JSON object");
        assertRefused("[]", "no JSON object");
        assertRefused("{", "no JSON object");
        assertRefused(std::string(70000, ' '), "larger than 64 KiB");
        auto other = document();
        other["type"] = "external_account";
        assertRefused(other.dump(), "not of type 'service_account'");
        other = document();
        other["token_uri"] = "http://oauth2.googleapis.com/token";
        assertRefused(other.dump(), "token_uri");
        assertRefused(document(encryptedKey).dump(), "unencrypted RSA key");
        assertRefused(document(ecKey).dump(), "unencrypted RSA key");
        fs::remove(_file);
        fs::create_directory(_file);
        CPPUNIT_ASSERT(refusal().find("is not a file") != std::string::npos);
    }

    void noErrorHoldsTheKey()
    {
        const std::string broken = "SECRET" + pkcs8Key.substr(40, 400);
        for (const std::string& text :
             {document(broken).dump(), document(broken).dump().substr(0, 300), std::string("{\"private_key\": SECRET")})
        {
            write(text);
            CPPUNIT_ASSERT(refusal().find("SECRET") == std::string::npos);
        }
        auto misplaced = document();
        misplaced["type"] = "SECRET";
        write(misplaced.dump());
        CPPUNIT_ASSERT(refusal().find("SECRET") == std::string::npos);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ServiceAccountTest);

} // namespace carillon::push::fcm
