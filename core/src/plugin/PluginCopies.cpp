#include "plugin/PluginCopies.h"

#include "plugin/Descriptor.h"
#include "plugin/FileTrust.h"
#include "plugin/Refused.h"

#include <Poco/Crypto/DigestEngine.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <optional>
#include <string_view>
#include <system_error>

namespace carillon::plugin
{

namespace
{

namespace fs = std::filesystem;

/// Larger than any plugin with debug information; smaller than what would fill a disk by mistake.
constexpr std::uint64_t mostBytes = 512ULL << 20;

std::string errorText(int error) { return std::generic_category().message(error); }

bool writeAll(int file, std::string_view data)
{
    while (!data.empty())
    {
        const ssize_t written = write(file, data.data(), data.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        data.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

/// Gives every block of `file`, from its start, to `use`. False when it cannot be read, or is larger than a plugin may be.
template <typename Use>
bool readBlocks(int file, Use use)
{
    std::array<char, 65536> block{};
    std::uint64_t offset = 0;
    while (offset <= mostBytes)
    {
        const ssize_t length = pread(file, block.data(), block.size(), static_cast<off_t>(offset));
        if (length < 0 && errno == EINTR) continue;
        if (length < 0) return false;
        if (length == 0) return true;
        if (!use(std::string_view(block.data(), static_cast<std::size_t>(length)))) return false;
        offset += static_cast<std::uint64_t>(length);
    }
    errno = EFBIG;
    return false;
}

std::optional<std::string> hashOf(int file)
{
    Poco::Crypto::DigestEngine engine("SHA256");
    const bool isRead = readBlocks(file,
                                   [&](std::string_view block)
                                   {
                                       engine.update(block.data(), block.size());
                                       return true;
                                   });
    if (!isRead) return {};
    return Poco::DigestEngine::digestToHex(engine.digest());
}

/// A file that gets its name only when it is whole; removed otherwise.
class NewFile
{
public:
    explicit NewFile(const fs::path& folder) : _path((folder / ".new-XXXXXX").string()), _file(mkostemp(_path.data(), O_CLOEXEC)) {}
    NewFile(const NewFile&) = delete;
    NewFile& operator=(const NewFile&) = delete;
    ~NewFile()
    {
        if (_file && !_isNamed) unlink(_path.c_str());
    }

    int get() const { return _file.get(); }
    explicit operator bool() const { return static_cast<bool>(_file); }

    bool finish(const fs::path& name)
    {
        _isNamed = fchmod(_file.get(), S_IRUSR) == 0 && rename(_path.c_str(), name.c_str()) == 0;
        return _isNamed;
    }

private:
    std::string _path;
    Descriptor _file;
    bool _isNamed = false;
};

[[noreturn]] void refuseUnwritable(const fs::path& folder, int error)
{
    throw Refused(fmt::format("it cannot be copied to {}: {}", folder.string(), errorText(error)),
                  "make room there, and let this program's user write");
}

} // namespace

PluginCopies::PluginCopies(fs::path folder) : _folder(std::move(folder))
{
    std::error_code error;
    fs::create_directories(_folder.parent_path(), error);
    if (mkdir(_folder.c_str(), S_IRWXU) != 0 && errno != EEXIST)
        throw ConfigurationError(
            fmt::format("{}: cannot be made: {}; let this program's user write state_dir", _folder.string(), errorText(errno)));
    openTrustedDirectory(_folder);
}

PluginCopies::Copy PluginCopies::take(int source) const
{
    const auto hash = hashOf(source);
    if (!hash)
        throw Refused(fmt::format("it cannot be read: {}", errorText(errno)),
                      fmt::format("a plugin is a readable file of at most {} bytes", mostBytes));
    Copy copy{*hash, _folder / (*hash + ".so")};
    const Descriptor present(open(copy.file.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (present && hashOf(present.get()) == hash) return copy;

    // The source may change while it is read: the name is the hash of what was written.
    NewFile target(_folder);
    if (!target) refuseUnwritable(_folder, errno);
    const bool isWritten = readBlocks(source, [&](std::string_view block) { return writeAll(target.get(), block); });
    if (!isWritten) refuseUnwritable(_folder, errno);
    const auto written = hashOf(target.get());
    if (!written) refuseUnwritable(_folder, errno);
    copy = {*written, _folder / (*written + ".so")};
    if (!target.finish(copy.file)) refuseUnwritable(_folder, errno);
    return copy;
}

bool PluginCopies::put(const std::string& name, const std::string& content) const
{
    NewFile file(_folder);
    return file && writeAll(file.get(), content) && file.finish(_folder / name);
}

void PluginCopies::prune(const std::set<std::string>& kept) const
{
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(_folder, ignored))
    {
        const std::string name = entry.path().filename().string();
        if (!kept.contains(name.substr(0, name.find('.')))) fs::remove(entry.path(), ignored);
    }
}

} // namespace carillon::plugin
