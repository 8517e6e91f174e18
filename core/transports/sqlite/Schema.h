#pragma once

#include "sqlite/Migrations.h"

#include <span>

namespace carillon::transports::sqlite
{

/// The component's name in the file's table of versions.
constexpr const char* schemaComponent = "transport";

/// Where a message stands. Kept as a number, because partial indexes need a constant.
enum class State
{
    Ready = 0,
    Scheduled = 1, ///< due at `ready_at`
    Taken = 2,     ///< with a consumer, until `lease_until`
    Blocked = 3    ///< another of its concurrency key is taken
};

/// All steps, oldest first.
std::span<const carillon::sqlite::Migration> schemaSteps();

} // namespace carillon::transports::sqlite
