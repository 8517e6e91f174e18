#include "carillon/Settings.h"

#include <stdexcept>

namespace carillon
{

template <typename Type>
const Type& Settings::get(const std::string& key) const
{
    const auto found = _values.find(key);
    if (found == _values.end()) throw std::logic_error("setting '" + key + "' was not declared with Registry::addSetting");
    const Type* value = std::get_if<Type>(&found->second);
    if (value == nullptr) throw std::logic_error("setting '" + key + "' was declared with another type than it is asked for");
    return *value;
}

const std::string& Settings::text(const std::string& key) const
{
    return get<std::string>(key);
}

bool Settings::boolean(const std::string& key) const
{
    return get<bool>(key);
}

std::int64_t Settings::integer(const std::string& key) const
{
    return get<std::int64_t>(key);
}

double Settings::number(const std::string& key) const
{
    return get<double>(key);
}

std::chrono::milliseconds Settings::duration(const std::string& key) const
{
    return get<std::chrono::milliseconds>(key);
}

const std::vector<std::string>& Settings::list(const std::string& key) const
{
    return get<std::vector<std::string>>(key);
}

} // namespace carillon
