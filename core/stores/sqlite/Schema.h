#pragma once

#include "sqlite/Migrations.h"

#include <span>

namespace carillon::stores::sqlite
{

/// The component's name in the file.
inline constexpr const char* schemaComponent = "store";

/// The store's schema, step by step. A released step is never changed.
std::span<const carillon::sqlite::Migration> schemaSteps();

} // namespace carillon::stores::sqlite
