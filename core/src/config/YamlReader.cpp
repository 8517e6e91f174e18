#include "config/Document.h"

#include <fmt/format.h>
#include <map>
#include <sstream>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

namespace carillon::config
{

namespace
{

/// Flattens while parsing: the events carry line and column, keys said twice are seen, and there is no tree for an alias to blow up.
class Flattener : public YAML::EventHandler
{
public:
    explicit Flattener(const Origin& origin) : _origin(origin) {}

    Document& document() { return _document; }

    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override
    {
        refuseAnchor(mark, anchor);
        if (_levels.empty()) return;
        if (isKeyExpected()) return takeKey(mark, "null");
        value(Setting::Form::Nothing, mark, {});
    }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override
    {
        refuse(mark, "aliases are not read; write the value out");
        // The parser goes on, so the place in the map must too.
        if (!_levels.empty() && isKeyExpected())
            takeKey(mark, "*");
        else
            endOfValue();
    }

    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, const std::string& text) override
    {
        refuseAnchor(mark, anchor);
        if (tag != "?" && tag != "!") refuse(mark, fmt::format("the tag '{}' is not read; remove it", tag));
        if (_levels.empty()) return refuse(mark, "holds a single value; write 'key: value' lines");
        if (isKeyExpected()) return takeKey(mark, text);
        value(Setting::Form::Scalar, mark, text);
    }

    void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor, YAML::EmitterStyle::value) override
    {
        refuseAnchor(mark, anchor);
        if (_levels.empty())
            refuse(mark, "holds a list; write 'key: value' lines");
        else if (isKeyExpected())
            refuse(mark, "a key must be a word");
        else if (_levels.back().isList)
            refuse(mark, "lists hold plain values only");
        Level level;
        level.isList = true;
        level.wasKey = !_levels.empty() && isKeyExpected();
        level.path = path();
        level.list = setting(Setting::Form::List, mark);
        _levels.push_back(std::move(level));
    }

    void OnSequenceEnd() override
    {
        const Level level = std::move(_levels.back());
        _levels.pop_back();
        if (level.wasKey) return takeKey(YAML::Mark::null_mark(), "?");
        if (!_levels.empty() && !_levels.back().isList) add(level.list);
        endOfValue();
    }

    void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor, YAML::EmitterStyle::value) override
    {
        refuseAnchor(mark, anchor);
        if (!_levels.empty() && isKeyExpected())
            refuse(mark, "a key must be a word");
        else if (!_levels.empty() && _levels.back().isList)
            refuse(mark, "lists hold plain values only");
        Level level;
        level.wasKey = !_levels.empty() && isKeyExpected();
        level.path = path();
        level.list = setting(Setting::Form::Section, mark);
        _levels.push_back(std::move(level));
    }

    void OnMapEnd() override
    {
        const Level level = std::move(_levels.back());
        _levels.pop_back();
        if (level.wasKey) return takeKey(YAML::Mark::null_mark(), "?");
        if (level.isEmpty && !level.path.empty()) add(level.list);
        endOfValue();
    }

private:
    struct Level
    {
        bool isList = false;
        bool wasKey = false; ///< a map or list where a key belongs
        bool isEmpty = true;
        bool hasKey = false; ///< a key was read, its value comes next
        std::string path;
        std::string key;
        YAML::Mark keyMark;
        Setting list; ///< the list under construction, or the section if it stays empty
    };

    bool isKeyExpected() const { return !_levels.back().isList && !_levels.back().hasKey; }

    std::string path() const
    {
        if (_levels.empty()) return {};
        const auto& level = _levels.back();
        if (level.path.empty()) return level.key;
        return level.path + "." + level.key;
    }

    void takeKey(const YAML::Mark& mark, const std::string& text)
    {
        auto& level = _levels.back();
        level.hasKey = true;
        level.isEmpty = false;
        level.key = text;
        level.keyMark = mark;
    }

    /// A value's place is its key's: that is what a reader looks for.
    Setting setting(Setting::Form form, const YAML::Mark& mark) const
    {
        Setting result;
        result.path = path();
        result.form = form;
        result.origin = at(_levels.empty() || _levels.back().isList ? mark : _levels.back().keyMark);
        return result;
    }

    void value(Setting::Form form, const YAML::Mark& mark, const std::string& text)
    {
        auto& level = _levels.back();
        if (level.isList)
        {
            if (form == Setting::Form::Nothing) refuse(mark, "an item of the list is missing");
            level.list.items.push_back(text);
            return;
        }
        Setting result = setting(form, mark);
        result.text = text;
        add(std::move(result));
        endOfValue();
    }

    void add(Setting result)
    {
        const auto [first, isNew] = _seen.emplace(result.path, result.origin.line);
        if (!isNew)
        {
            const auto message = fmt::format("'{}' was already set in line {}; keep one", result.path, first->second);
            _document.problems.push_back({result.origin.text(), message});
            return;
        }
        _document.settings.push_back(std::move(result));
    }

    void endOfValue()
    {
        if (!_levels.empty()) _levels.back().hasKey = false;
    }

    Origin at(const YAML::Mark& mark) const
    {
        Origin origin = _origin;
        origin.line = mark.line + 1;
        origin.column = mark.column + 1;
        return origin;
    }

    void refuse(const YAML::Mark& mark, std::string message) { _document.problems.push_back({at(mark).text(), std::move(message)}); }

    void refuseAnchor(const YAML::Mark& mark, YAML::anchor_t anchor)
    {
        if (anchor != YAML::NullAnchor) refuse(mark, "anchors are not read; remove the &name");
    }

    const Origin& _origin;
    Document _document;
    std::vector<Level> _levels;
    std::map<std::string, int> _seen;
};

/// yaml-cpp takes a tab in the indentation for content and then complains elsewhere, or not at all.
void findTabs(const std::string& text, const Origin& origin, std::vector<Problem>& problems)
{
    std::istringstream lines(text);
    std::string line;
    for (int number = 1; std::getline(lines, line); ++number)
    {
        const auto content = line.find_first_not_of(" \t\r");
        const auto tab = line.find('\t');
        if (content == std::string::npos || tab > content) continue;
        Origin place = origin;
        place.line = number;
        place.column = static_cast<int>(tab) + 1;
        problems.push_back({place.text(), "a tab indents the line; use spaces"});
    }
}

} // namespace

Document readYaml(const std::string& text, const Origin& origin)
{
    Flattener flattener(origin);
    findTabs(text, origin, flattener.document().problems);
    if (!flattener.document().problems.empty()) return flattener.document();
    try
    {
        std::istringstream stream(text);
        YAML::Parser parser(stream);
        parser.HandleNextDocument(flattener);
        if (parser) flattener.document().problems.push_back({origin.source, "holds more than one document; remove what follows '---'"});
    }
    catch (const YAML::Exception& error)
    {
        Origin place = origin;
        place.line = error.mark.line + 1;
        place.column = error.mark.column + 1;
        // What the parser made of the broken text before it gave up would only mislead.
        flattener.document().problems.clear();
        flattener.document().problems.push_back({place.text(), fmt::format("is not YAML: {}", error.msg)});
    }
    return flattener.document();
}

} // namespace carillon::config
