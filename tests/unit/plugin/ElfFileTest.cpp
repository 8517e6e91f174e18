#include "PluginFixture.h"

#include "plugin/Descriptor.h"
#include "plugin/ElfFile.h"
#include "plugin/Refused.h"

#include <cppunit/extensions/HelperMacros.h>

#include <elf.h>
#include <fcntl.h>

#include <algorithm>
#include <cstring>

namespace carillon::plugin
{

/// The file itself, before the loader sees it.
class ElfFileTest : public PluginFixture
{
    CPPUNIT_TEST_SUITE(ElfFileTest);
    CPPUNIT_TEST(textIsNoSharedObject);
    CPPUNIT_TEST(emptyFileIsNoSharedObject);
    CPPUNIT_TEST(programIsNoSharedObject);
    CPPUNIT_TEST(lazilyBoundIsRefused);
    CPPUNIT_TEST(anotherMachineIsRefusedWithBothValues);
    CPPUNIT_TEST(truncatedFileIsRefusedWhereverItEnds);
    CPPUNIT_TEST(noByteOfTheHeadersCanHurt);
    CPPUNIT_TEST_SUITE_END();

public:
    void textIsNoSharedObject()
    {
        write(_plugins / "notes.so", "#!/bin/sh\nexit 0\n");

        assertContains("no shared object", onlyRefusal().reason);
    }

    void emptyFileIsNoSharedObject()
    {
        write(_plugins / "empty.so", "");

        assertContains("no shared object", onlyRefusal().reason);
    }

    void programIsNoSharedObject()
    {
        write(_plugins / "program.so", read(CHECK_MAIN));

        assertContains("a program, not a shared object", onlyRefusal().reason);
    }

    void lazilyBoundIsRefused()
    {
        copy("lazy", "lazy.so");

        const Refusal refusal = onlyRefusal();

        assertContains("lazily bound", refusal.reason);
        assertContains("-z,now", refusal.remedy);
    }

    void anotherMachineIsRefusedWithBothValues()
    {
        std::string content = read(make("arm.so", ""));
        const Elf64_Half ours = *reinterpret_cast<const Elf64_Half*>(content.data() + offsetof(Elf64_Ehdr, e_machine));
        const Elf64_Half theirs = EM_ARM;
        std::memcpy(content.data() + offsetof(Elf64_Ehdr, e_machine), &theirs, sizeof theirs);
        write(_plugins / "arm.so", content);

        const std::string reason = onlyRefusal().reason;

        assertContains("ELF machine " + std::to_string(EM_ARM), reason);
        assertContains("for machine " + std::to_string(ours), reason);
    }

    void truncatedFileIsRefusedWhereverItEnds()
    {
        const std::string content = read(make("whole.so", ""));
        const std::size_t mapped = mappedBytes(content); // what follows is for debuggers and linkers
        for (std::size_t length = 0; length < mapped; length += length < 2048 ? 7 : 1021)
        {
            write(_root / "part", content.substr(0, length));
            CPPUNIT_ASSERT_MESSAGE(std::to_string(length), isRefused(_root / "part"));
        }
    }

    void noByteOfTheHeadersCanHurt()
    {
        const std::string content = read(make("whole.so", ""));
        constexpr std::size_t headers = 64 + 12 * 56;
        for (std::size_t place = 0; place < headers; ++place)
        {
            std::string wrong = content;
            wrong[place] = static_cast<char>(0xff);
            write(_root / "wrong", wrong);
            isRefused(_root / "wrong"); // either answer is right; a crash or a sanitizer's report is not
        }
    }

private:
    static std::size_t mappedBytes(const std::string& content)
    {
        Elf64_Ehdr header{};
        std::memcpy(&header, content.data(), sizeof header);
        std::size_t end = 0;
        for (std::size_t index = 0; index < header.e_phnum; ++index)
        {
            Elf64_Phdr segment{};
            std::memcpy(&segment, content.data() + header.e_phoff + index * sizeof segment, sizeof segment);
            if (segment.p_type == PT_LOAD) end = std::max<std::size_t>(end, segment.p_offset + segment.p_filesz);
        }
        CPPUNIT_ASSERT(end > 0 && end <= content.size());
        return end;
    }

    static bool isRefused(const std::filesystem::path& file)
    {
        try
        {
            requireLoadable(Descriptor(open(file.c_str(), O_RDONLY | O_CLOEXEC)).get());
            return false;
        }
        catch (const Refused&)
        {
            return true;
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ElfFileTest);

} // namespace carillon::plugin
