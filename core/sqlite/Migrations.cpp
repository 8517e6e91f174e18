#include "sqlite/Migrations.h"

#include "carillon/Errors.h"

#include <fmt/format.h>

#include <algorithm>

namespace carillon::sqlite
{
namespace
{

struct Applied
{
    int version = 0;
    int minReaderVersion = 0;
};

Applied appliedOf(Session& session, const std::string& component)
{
    if (!session.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'carillon_schema'").step()) return {};
    auto row = session.prepare("SELECT version, min_reader_version FROM carillon_schema WHERE component = ?1").bind(component);
    if (!row.step()) return {};
    return {static_cast<int>(row.integer(0)), static_cast<int>(row.integer(1))};
}

int newest(std::span<const Migration> migrations) { return migrations.empty() ? 0 : migrations.back().version; }

void requireReadable(const Applied& applied, const std::string& component, int ours, const std::filesystem::path& file)
{
    if (applied.minReaderVersion <= ours) return;
    throw ConfigurationError(
        fmt::format("database {} is of a newer version: its {} schema is {} and needs a program that knows {} at least, this one knows {}; "
                    "install the newer carillon, or restore the backup made before the upgrade",
                    file.string(), component, applied.version, applied.minReaderVersion, ours));
}

} // namespace

bool isMigrated(Session& session, const std::string& component, std::span<const Migration> migrations, const std::filesystem::path& file)
{
    const Applied applied = appliedOf(session, component);
    requireReadable(applied, component, newest(migrations), file);
    return applied.version >= newest(migrations);
}

void applyMigrations(Session& session, const std::string& component, std::span<const Migration> migrations,
                     const std::filesystem::path& file)
{
    session.execute("CREATE TABLE IF NOT EXISTS carillon_schema(component TEXT PRIMARY KEY NOT NULL, version INTEGER NOT NULL, "
                    "min_reader_version INTEGER NOT NULL) STRICT, WITHOUT ROWID");
    const Applied applied = appliedOf(session, component);
    requireReadable(applied, component, newest(migrations), file);

    int minReaderVersion = applied.minReaderVersion;
    for (const Migration& migration : migrations)
    {
        if (migration.version <= applied.version) continue;
        session.execute(migration.sql);
        minReaderVersion = std::max(minReaderVersion, migration.minReaderVersion);
    }
    session
        .prepare("INSERT INTO carillon_schema(component, version, min_reader_version) VALUES(?1, ?2, ?3) "
                 "ON CONFLICT(component) DO UPDATE SET version = excluded.version, min_reader_version = excluded.min_reader_version")
        .bind(component, std::max(applied.version, newest(migrations)), minReaderVersion)
        .run();
}

} // namespace carillon::sqlite
