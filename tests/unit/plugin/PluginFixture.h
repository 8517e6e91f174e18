#pragma once

#include "plugin/PluginCatalogue.h"
#include "support/TemporaryDirectory.h"

#include <cppunit/TestFixture.h>

#include <filesystem>
#include <string>

namespace carillon::plugin
{

/// A folder for plugins, one for state, and plugins that do as they are told.
class PluginFixture : public CppUnit::TestFixture
{
protected:
    PluginFixture();

    /// Makes a plugin file that follows `orders`: `name=alpha;type=alpha.print;do=throw` (all keys are in plugins/Behaving.cpp).
    std::filesystem::path make(const std::string& fileName, const std::string& orders) const;
    /// Copies one of the compiled test plugins as it is: `lazy`, `no_entry`, `undefined`.
    std::filesystem::path copy(const std::string& compiled, const std::string& fileName) const;

    PluginCatalogue catalogue(std::chrono::milliseconds timeout = std::chrono::seconds(60)) const;
    ScanResult scan() const;

    /// The only refusal of a scan that accepts nothing; fails the test otherwise.
    Refusal onlyRefusal(std::chrono::milliseconds timeout = std::chrono::seconds(60)) const;
    /// The same for one plugin that follows `orders`.
    Refusal refusalOf(const std::string& orders) const;
    /// The only accepted plugin of a scan that refuses nothing.
    Manifest onlyAccepted() const;

    static void assertContains(const std::string& part, const std::string& text);
    static std::string read(const std::filesystem::path& file);
    static void write(const std::filesystem::path& file, const std::string& content);

    tests::TemporaryDirectory _root;
    std::filesystem::path _plugins;
    std::filesystem::path _state;
};

} // namespace carillon::plugin
