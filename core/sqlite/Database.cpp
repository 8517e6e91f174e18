#include "sqlite/Database.h"

#include "carillon/Errors.h"
#include "sqlite/FileChecks.h"
#include "sqlite/ReaderPool.h"
#include "sqlite/SharedPage.h"
#include "sqlite/SharesDatabase.h"
#include "sqlite/Writer.h"

#include <fmt/format.h>

#include <map>
#include <mutex>

namespace carillon::sqlite
{
namespace
{

/// What this process has open. Never destroyed: a Database may outlive the statics.
struct Registry
{
    std::mutex mutex;
    std::map<std::filesystem::path, std::weak_ptr<Database>> open;
};

Registry& registry()
{
    static auto* instance = new Registry;
    return *instance;
}

constexpr std::chrono::milliseconds spaceIsFreshFor{100};

std::filesystem::path besides(const std::filesystem::path& file, const char* suffix) { return file.string() + suffix; }

} // namespace

SharesDatabase::~SharesDatabase() = default;

struct Database::Parts
{
    Parts(const Database& database, const std::filesystem::path& file, const Options& options)
        : page(besides(file, "-turnstile")),
          writer(database, file, page, options.durability, options.busyDeadline),
          readers(database, file, options.readers, options.busyDeadline)
    {
    }

    SharedPage page;
    Writer writer;
    ReaderPool readers;
};

std::shared_ptr<Database> Database::open(const std::filesystem::path& file, const Options& options)
{
    const auto resolved = std::filesystem::weakly_canonical(file);
    const std::lock_guard lock(registry().mutex);
    auto& known = registry().open[resolved];
    if (auto database = known.lock())
    {
        if (database->options() != options)
            throw ConfigurationError(
                fmt::format("database {} is asked for with two sets of options; give durability, busy_deadline and free_disk_floor "
                            "the same values for store and transports of one file",
                            resolved.string()));
        return database;
    }
    requireUsable(resolved);
    createPrivate(resolved);
    std::shared_ptr<Database> database(new Database(resolved, options));
    known = database;
    return database;
}

Database::Database(std::filesystem::path file, const Options& options)
    : _file(std::move(file)),
      _options(options),
      _parts(std::make_unique<Parts>(*this, _file, _options))
{
}

Database::~Database() = default;

void Database::runWrite(const Work& work) { _parts->writer.write(work); }

void Database::runRead(const Work& work) { _parts->readers.read(work); }

void Database::migrate(const std::string& component, std::span<const Migration> migrations)
{
    if (read([&](Session& session) { return isMigrated(session, component, migrations, _file); })) return;
    write([&](Session& session) { applyMigrations(session, component, migrations, _file); });
}

void Database::requireSpace()
{
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
    if (milliseconds - _spaceAskedAt.load(std::memory_order_relaxed) >= spaceIsFreshFor.count())
    {
        _free.store(freeSpace(_file), std::memory_order_relaxed);
        _spaceAskedAt.store(milliseconds, std::memory_order_relaxed);
    }
    const std::uint64_t free = _free.load(std::memory_order_relaxed);
    if (free >= _options.freeDiskFloor) return;
    throw StorageFull(fmt::format("only {} MiB are free for the database {}, the floor is {} MiB (store.free_disk_floor); free some space",
                                  free >> 20, _file.string(), _options.freeDiskFloor >> 20));
}

void Database::check()
{
    requireSpace();
    // A write transaction that changes nothing: takes the lock that every write needs, and leaves no trace.
    write([](Session& session) { static_cast<void>(session.prepare("SELECT count(*) FROM sqlite_schema").step()); });
}

bool Database::checkpoint() { return _parts->writer.checkpoint(); }

std::size_t Database::waitingWriters() const { return _parts->writer.waiting(); }

ChangeSignal Database::changes(Topic topic) const { return ChangeSignal(_parts->page.content().changes[static_cast<std::size_t>(topic)]); }

} // namespace carillon::sqlite
