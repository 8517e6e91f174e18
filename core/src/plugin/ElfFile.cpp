#include "plugin/ElfFile.h"

#include "plugin/Refused.h"

#include <elf.h>
#include <fmt/format.h>
#include <link.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <optional>
#include <vector>

// The linker's name for the header of the program or library that this is linked into: what we are is what a plugin must be.
extern "C" const ElfW(Ehdr) __ehdr_start __attribute__((visibility("hidden")));

namespace carillon::plugin
{

namespace
{

constexpr std::size_t mostSegments = 256;
constexpr std::size_t mostDynamicEntries = 4096;

/// What the dynamic section says about binding and kind.
struct DynamicFlags
{
    bool bindsNow = false;
    bool isProgram = false;
};

class Reader
{
public:
    explicit Reader(int file) : _file(file)
    {
        struct stat status
        {
        };
        if (fstat(file, &status) == 0 && status.st_size > 0) _size = static_cast<std::uint64_t>(status.st_size);
    }

    std::uint64_t size() const { return _size; }

    bool holds(std::uint64_t offset, std::uint64_t length) const { return offset <= _size && length <= _size - offset; }

    /// Empty when the file ends before, or cannot be read.
    template <typename Record>
    std::optional<std::vector<Record>> read(std::uint64_t offset, std::size_t count) const
    {
        const std::size_t bytes = count * sizeof(Record);
        if (!holds(offset, bytes)) return {};
        std::vector<Record> records(count);
        if (pread(_file, records.data(), bytes, static_cast<off_t>(offset)) != static_cast<ssize_t>(bytes)) return {};
        return records;
    }

private:
    int _file;
    std::uint64_t _size = 0;
};

[[noreturn]] void refuseTruncated()
{
    throw Refused("it is damaged: its headers point beyond its end", "copy or build it again, into a new file that is then renamed");
}

ElfW(Ehdr) readHeader(const Reader& reader)
{
    const auto header = reader.read<ElfW(Ehdr)>(0, 1);
    if (!header || std::memcmp(header->front().e_ident, ELFMAG, SELFMAG) != 0)
        throw Refused("it is no shared object", "put only plugins built with carillon_add_plugin here");
    const ElfW(Ehdr)& theirs = header->front();
    const ElfW(Ehdr)& ours = __ehdr_start;
    if (theirs.e_ident[EI_CLASS] != ours.e_ident[EI_CLASS] || theirs.e_ident[EI_DATA] != ours.e_ident[EI_DATA] ||
        theirs.e_machine != ours.e_machine)
        throw Refused(fmt::format("it is for another machine (ELF machine {}, class {}); this program is for machine {}, class {}",
                                  theirs.e_machine, theirs.e_ident[EI_CLASS], ours.e_machine, ours.e_ident[EI_CLASS]),
                      "build it for this machine");
    if (theirs.e_type != ET_DYN)
        throw Refused(fmt::format("it is no shared object (ELF type {}, not {})", theirs.e_type, ET_DYN),
                      "build it with carillon_add_plugin");
    return theirs;
}

DynamicFlags readDynamic(const Reader& reader, const ElfW(Phdr) & segment)
{
    const std::size_t count = segment.p_filesz / sizeof(ElfW(Dyn));
    if (count > mostDynamicEntries) refuseTruncated();
    const auto entries = reader.read<ElfW(Dyn)>(segment.p_offset, count);
    if (!entries) refuseTruncated();

    DynamicFlags flags;
    for (const ElfW(Dyn) & entry : *entries)
    {
        if (entry.d_tag == DT_NULL) break;
        if (entry.d_tag == DT_BIND_NOW) flags.bindsNow = true;
        if (entry.d_tag == DT_FLAGS && (entry.d_un.d_val & DF_BIND_NOW) != 0) flags.bindsNow = true;
        if (entry.d_tag == DT_FLAGS_1 && (entry.d_un.d_val & DF_1_NOW) != 0) flags.bindsNow = true;
        if (entry.d_tag == DT_FLAGS_1 && (entry.d_un.d_val & DF_1_PIE) != 0) flags.isProgram = true;
    }
    return flags;
}

} // namespace

void requireLoadable(int file)
{
    const Reader reader(file);
    const ElfW(Ehdr) header = readHeader(reader);
    if (header.e_phentsize != sizeof(ElfW(Phdr)) || header.e_phnum == 0 || header.e_phnum > mostSegments) refuseTruncated();
    const auto segments = reader.read<ElfW(Phdr)>(header.e_phoff, header.e_phnum);
    if (!segments) refuseTruncated();

    std::optional<DynamicFlags> flags;
    for (const ElfW(Phdr) & segment : *segments)
    {
        // A mapping beyond the end of the file would be SIGBUS at the first touch.
        if (segment.p_type == PT_LOAD && !reader.holds(segment.p_offset, segment.p_filesz)) refuseTruncated();
        if (segment.p_type == PT_DYNAMIC) flags = readDynamic(reader, segment);
    }
    if (!flags) throw Refused("it is no shared object: it has no dynamic section", "build it with carillon_add_plugin");
    if (flags->isProgram) throw Refused("it is a program, not a shared object", "build it with carillon_add_plugin");
    if (!flags->bindsNow)
        throw Refused("it is lazily bound: a symbol that is missing would end a worker in the middle of a message",
                      "link it with -Wl,-z,now");
}

} // namespace carillon::plugin
