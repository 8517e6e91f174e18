#include "PluginFixture.h"

#include <cppunit/TestAssert.h>

#include <fstream>
#include <iterator>

namespace carillon::plugin
{

namespace fs = std::filesystem;

PluginFixture::PluginFixture() : _plugins(_root / "plugins"), _state(_root / "state")
{
    for (const fs::path& folder : {_plugins, _state})
    {
        fs::create_directory(folder);
        fs::permissions(folder, fs::perms::owner_all | fs::perms::group_read | fs::perms::group_exec);
    }
}

fs::path PluginFixture::make(const std::string& fileName, const std::string& orders) const
{
    static const std::string compiled = read(fs::path(TEST_PLUGINS) / "behaving.so");
    std::string content = compiled;
    const std::size_t place = content.find("@ORDERS@");
    CPPUNIT_ASSERT_MESSAGE("the test plugin has no place for its orders", place != std::string::npos);
    CPPUNIT_ASSERT(orders.size() < 500);
    content.replace(place, orders.size() + 1, orders.c_str(), orders.size() + 1);
    if (orders.empty()) content.replace(place, 8, 8, '\0');
    write(_plugins / fileName, content);
    return _plugins / fileName;
}

fs::path PluginFixture::copy(const std::string& compiled, const std::string& fileName) const
{
    write(_plugins / fileName, read(fs::path(TEST_PLUGINS) / (compiled + ".so")));
    return _plugins / fileName;
}

PluginCatalogue PluginFixture::catalogue(std::chrono::milliseconds timeout) const
{
    return PluginCatalogue({.stateDirectory = _state, .checkCommand = {CHECK_MAIN}, .timeout = timeout});
}

ScanResult PluginFixture::scan() const { return catalogue().scan({_plugins}); }

Refusal PluginFixture::onlyRefusal(std::chrono::milliseconds timeout) const
{
    const ScanResult result = catalogue(timeout).scan({_plugins});
    CPPUNIT_ASSERT_EQUAL_MESSAGE("accepted", std::size_t{0}, result.accepted.size());
    CPPUNIT_ASSERT_EQUAL_MESSAGE("refused", std::size_t{1}, result.refused.size());
    const Refusal& refusal = result.refused.front();
    CPPUNIT_ASSERT_MESSAGE("a refusal names its remedy", !refusal.remedy.empty());
    CPPUNIT_ASSERT_MESSAGE(refusal.text(), refusal.text().find('\n') == std::string::npos);
    return refusal;
}

Refusal PluginFixture::refusalOf(const std::string& orders) const
{
    const fs::path file = make("wrong.so", orders);
    const Refusal refusal = onlyRefusal();
    CPPUNIT_ASSERT_EQUAL(file.string(), refusal.file.string());
    return refusal;
}

Manifest PluginFixture::onlyAccepted() const
{
    const ScanResult result = scan();
    CPPUNIT_ASSERT_MESSAGE(result.refused.empty() ? "" : result.refused.front().text(), result.refused.empty());
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, result.accepted.size());
    return result.accepted.front();
}

void PluginFixture::assertContains(const std::string& part, const std::string& text)
{
    CPPUNIT_ASSERT_MESSAGE("'" + part + "' is not in: " + text, text.find(part) != std::string::npos);
}

std::string PluginFixture::read(const fs::path& file)
{
    std::ifstream stream(file, std::ios::binary);
    CPPUNIT_ASSERT_MESSAGE("cannot read " + file.string(), stream.good());
    return {std::istreambuf_iterator<char>(stream), {}};
}

void PluginFixture::write(const fs::path& file, const std::string& content)
{
    fs::remove(file);
    std::ofstream(file, std::ios::binary) << content;
    fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read | fs::perms::others_read);
}

} // namespace carillon::plugin
