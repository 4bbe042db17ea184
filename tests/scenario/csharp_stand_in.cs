// What adapters/rest/examples/csharp/Program.cs uses of System.Text.Json, for Mono, which has none of it. Only for tests.
using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace System.Text.Json {
    public class JsonException : Exception {
        public JsonException(string why) : base(why) { }
    }

    public static class JsonSerializer {
        public static string Serialize(object value) {
            var members = value.GetType().GetProperties();
            return "{" + string.Join(",", members.Select(m => $"{Nodes.JsonNode.Quoted(m.Name)}:{Nodes.JsonNode.Quoted((string)m.GetValue(value))}")) + "}";
        }
    }
}

namespace System.Text.Json.Nodes {
    public class JsonNode {
        internal object value;  // a dictionary, a string, or the text of a number, true, false
        internal bool isString;

        public static JsonNode Parse(string text) {
            var reader = new Reader { text = text };
            var node = reader.Value();
            reader.Blank();
            if (reader.at != text.Length) throw new JsonException("text after the value");
            return node;
        }

        public JsonNode this[string name] {
            get {
                var members = value as Dictionary<string, JsonNode>;
                if (members == null) throw new InvalidOperationException("not an object");
                JsonNode found;
                return members.TryGetValue(name, out found) ? found : null;
            }
        }

        public JsonNode this[int n] { get { return AsArray().items[n]; } }

        public JsonArray AsArray() {
            return (JsonArray)this;
        }

        public static explicit operator string(JsonNode node) {
            if (node != null && !node.isString) throw new InvalidOperationException("not a string");
            return node == null ? null : (string)node.value;
        }

        public static explicit operator long(JsonNode node) {
            if (node.isString) throw new InvalidOperationException("not a number");
            return long.Parse((string)node.value, CultureInfo.InvariantCulture);
        }

        public override string ToString() {
            return isString ? (string)value : ToJsonString();
        }

        public virtual string ToJsonString() {
            var members = value as Dictionary<string, JsonNode>;
            if (members == null) return isString ? Quoted((string)value) : (string)value;
            return "{" + string.Join(",", members.Select(m => Quoted(m.Key) + ":" + TextOf(m.Value))) + "}";
        }

        internal static string TextOf(JsonNode node) {
            return node == null ? "null" : node.ToJsonString();
        }

        internal static string Quoted(string text) {
            return "\"" + string.Concat(text.Select(c => c == '"' || c == '\\' || c < 32 || c > 126 ? "\\u" + ((int)c).ToString("x4") : c.ToString())) + "\"";
        }
    }

    public class JsonArray : JsonNode, IEnumerable<JsonNode> {
        internal List<JsonNode> items = new List<JsonNode>();

        public int Count { get { return items.Count; } }

        public IEnumerator<JsonNode> GetEnumerator() {
            return items.GetEnumerator();
        }

        IEnumerator IEnumerable.GetEnumerator() {
            return items.GetEnumerator();
        }

        public override string ToJsonString() {
            return "[" + string.Join(",", items.Select(TextOf)) + "]";
        }
    }

    class Reader {
        internal string text;
        internal int at;

        char Next() {
            if (at >= text.Length) throw new JsonException("the text ends too early");
            return text[at++];
        }

        internal void Blank() {
            while (at < text.Length && " \t\r\n".IndexOf(text[at]) >= 0) at++;
        }

        bool Skip(char wanted) {
            Blank();
            if (at >= text.Length || text[at] != wanted) return false;
            at++;
            return true;
        }

        void Want(char wanted) {
            if (!Skip(wanted)) throw new JsonException($"no {wanted} at {at}");
        }

        internal JsonNode Value() {
            if (Skip('"')) return new JsonNode { value = Rest(), isString = true };
            if (Skip('{')) return Members();
            if (Skip('[')) return Items();
            var from = at;
            while (at < text.Length && ",]} \t\r\n".IndexOf(text[at]) < 0) at++;
            var word = text.Substring(from, at - from);
            return word == "null" ? null : new JsonNode { value = word };
        }

        JsonNode Members() {
            var members = new Dictionary<string, JsonNode>();
            if (Skip('}')) return new JsonNode { value = members };
            do {
                Want('"');
                var name = Rest();
                Want(':');
                members[name] = Value();
            } while (Skip(','));
            Want('}');
            return new JsonNode { value = members };
        }

        JsonNode Items() {
            var array = new JsonArray();
            if (Skip(']')) return array;
            do array.items.Add(Value()); while (Skip(','));
            Want(']');
            return array;
        }

        string Rest() {  // of a string, behind its first quote
            var read = new StringBuilder();
            for (char c; (c = Next()) != '"'; read.Append(c)) {
                if (c != '\\') continue;
                c = Next();
                var named = "bfnrt".IndexOf(c);
                if (named >= 0) c = "\b\f\n\r\t"[named];
                if (c != 'u') continue;
                c = (char)Convert.ToInt32(text.Substring(at, 4), 16);
                at += 4;
            }
            return read.ToString();
        }
    }
}
