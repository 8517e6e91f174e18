#include "PluginFixture.h"

#include <cppunit/extensions/HelperMacros.h>

#include <elf.h>

#include <cstring>
#include <vector>

namespace carillon::plugin
{

namespace fs = std::filesystem;

/// The plugins of our own tree, as they were built.
class TreePluginsTest : public PluginFixture
{
    CPPUNIT_TEST_SUITE(TreePluginsTest);
    CPPUNIT_TEST(everyFolderInPluginsIsBuiltAndFoundByItsName);
    CPPUNIT_TEST(everyPluginExportsItsEntryOnly);
    CPPUNIT_TEST(exampleHasOneType);
    CPPUNIT_TEST_SUITE_END();

public:
    void everyFolderInPluginsIsBuiltAndFoundByItsName()
    {
        std::size_t count = 0;
        for (const std::string& name : treePlugins())
        {
            write(_plugins / (name + ".so"), read(fs::path(BUILT_PLUGINS) / (name + ".so")));
            const auto answer = catalogue().check(_plugins / (name + ".so"));
            const auto* refusal = std::get_if<Refusal>(&answer);
            CPPUNIT_ASSERT_MESSAGE(refusal == nullptr ? "" : refusal->text(), refusal == nullptr);
            CPPUNIT_ASSERT_EQUAL(name, std::get<Manifest>(answer).name);
            ++count;
        }
        CPPUNIT_ASSERT(count > 0);
        CPPUNIT_ASSERT_EQUAL_MESSAGE("together", count, scan().accepted.size());
    }

    void everyPluginExportsItsEntryOnly()
    {
        for (const std::string& name : treePlugins())
            for (const std::string& symbol : exportedBy(read(fs::path(BUILT_PLUGINS) / (name + ".so"))))
                CPPUNIT_ASSERT_EQUAL_MESSAGE(name, std::string("carillon_plugin"), symbol);
    }

    void exampleHasOneType()
    {
        write(_plugins / "example.so", read(fs::path(BUILT_PLUGINS) / "example.so"));

        const Manifest manifest = onlyAccepted();

        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, manifest.handlers.size());
        CPPUNIT_ASSERT(manifest.find("example.print") != nullptr);
    }

private:
    static std::vector<std::string> treePlugins()
    {
        std::vector<std::string> names;
        for (const auto& entry : fs::directory_iterator(TREE_PLUGINS))
            if (fs::exists(entry.path() / "CMakeLists.txt")) names.push_back(entry.path().filename().string());
        return names;
    }

    template <typename Record>
    static Record recordAt(const std::string& content, std::size_t offset)
    {
        Record record{};
        CPPUNIT_ASSERT(offset + sizeof record <= content.size());
        std::memcpy(&record, content.data() + offset, sizeof record);
        return record;
    }

    static std::vector<std::string> exportedBy(const std::string& content)
    {
        std::vector<std::string> names;
        const auto header = recordAt<Elf64_Ehdr>(content, 0);
        for (std::size_t index = 0; index < header.e_shnum; ++index)
        {
            const auto section = recordAt<Elf64_Shdr>(content, header.e_shoff + index * sizeof(Elf64_Shdr));
            if (section.sh_type != SHT_DYNSYM) continue;
            const auto texts = recordAt<Elf64_Shdr>(content, header.e_shoff + section.sh_link * sizeof(Elf64_Shdr));
            for (std::size_t place = sizeof(Elf64_Sym); place < section.sh_size; place += sizeof(Elf64_Sym))
            {
                const auto symbol = recordAt<Elf64_Sym>(content, section.sh_offset + place);
                if (symbol.st_shndx != SHN_UNDEF) names.emplace_back(content.c_str() + texts.sh_offset + symbol.st_name);
            }
        }
        CPPUNIT_ASSERT(!names.empty());
        return names;
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(TreePluginsTest);

} // namespace carillon::plugin
