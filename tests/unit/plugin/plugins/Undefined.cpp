// Refers to what nobody defines, as a plugin that forgot to link a library.
#include "carillon/Plugin.h"

void symbolThatNobodyDefines();

namespace
{

void registerUndefined(carillon::Registry&) { symbolThatNobodyDefines(); }

} // namespace

CARILLON_PLUGIN("undefined", "1.0.0", registerUndefined)
