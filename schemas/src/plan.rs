//! How to read the events of one writer schema: Avro's schema resolution worked out once, when the
//! schema is met, so that decoding is one walk over the bytes without allocation.
//!
//! A datum that ends early, or goes on after its last field, was not written with its schema. Lengths
//! and counts are checked against the bytes that are there, so hostile ones cost nothing.

use crate::fields::{FIELDS, Kind, Sent, Slot, Value};
use apache_avro::Schema;
use apache_avro::schema::{InnerDecimalSchema, NamesRef, ResolvedSchema, UnionSchema, UuidSchema};
use apache_avro::schema_compatibility::SchemaCompatibility;

/// Why a schema cannot be used to read events.
#[derive(Debug, thiserror::Error)]
pub enum SchemaRefusal {
    /// It is not an Avro schema.
    #[error("not an Avro schema")]
    NotAvro(#[source] Box<apache_avro::Error>),
    /// It is not a record of one of the three event topics, or not compatible with ours.
    #[error("not readable as a referral, diagnosis or treatment event")]
    NotAnEvent,
    /// It nests deeper than an event may.
    #[error("types nest deeper than {DEEPEST}")]
    TooDeep,
}

const DEEPEST: usize = 8;

/// How a value is written, and what is taken from it.
#[derive(Debug)]
enum Shape {
    Null,
    Flag,
    Int,
    Long,
    Text,
    EventTypes(Vec<Value<'static>>),
    Symbols(usize),
    Bytes,
    Fixed(usize),
    Array(Box<Self>),
    Map(Box<Self>),
    Nullable(Box<Self>),
    Union(Vec<Self>),
    Record(Vec<Self>),
    /// Not what the field holds; a value of it does not decode.
    Wrong,
}

/// How to read the events of one writer schema.
#[derive(Debug)]
pub(crate) struct Plan {
    fields: Vec<(Option<Slot>, Shape)>,
}

impl Plan {
    /// The plan for reading what `writer` wrote as `reader`, which is one of our schemas.
    pub(crate) fn new(writer: &Schema, reader: &Schema) -> Result<Self, SchemaRefusal> {
        SchemaCompatibility::can_read(writer, reader).map_err(|_| SchemaRefusal::NotAnEvent)?;
        let (Schema::Record(writer_record), Schema::Record(reader_record)) = (writer, reader)
        else {
            return Err(SchemaRefusal::NotAnEvent);
        };
        let resolved =
            ResolvedSchema::new(writer).map_err(|error| SchemaRefusal::NotAvro(Box::new(error)))?;
        let compiler = Compiler {
            names: resolved.get_names(),
        };
        let fields = writer_record.fields.iter().map(|field| {
            let ours = reader_record
                .fields
                .iter()
                .any(|own| own.name == field.name);
            let slot = FIELDS.find(&field.name).filter(|_| ours);
            let shape = compiler.shape(&field.schema, slot, 0)?;
            Ok((slot, shape))
        });
        fields
            .collect::<Result<_, SchemaRefusal>>()
            .map(|fields| Self { fields })
    }

    /// Reads one datum into `sent`; `Err` names the field that does not decode.
    pub(crate) fn read<'a>(
        &self,
        datum: &'a [u8],
        sent: &mut Sent<'a>,
    ) -> Result<(), Option<&'static str>> {
        let mut bytes = Bytes(datum);
        for (slot, shape) in &self.fields {
            // Most fields of a flat record are null.
            if let (Shape::Nullable(_), [0, rest @ ..]) = (shape, bytes.0) {
                bytes.0 = rest;
                continue;
            }
            let value = bytes.read(shape);
            let value = value.ok_or_else(|| slot.map(|slot| FIELDS.name(slot)))?;
            if let (Some(slot), true) = (slot, value != Value::Unset) {
                sent.set(*slot, value);
            }
        }
        if bytes.0.is_empty() {
            Ok(())
        } else {
            Err(None)
        }
    }
}

/// Works out the shapes of one schema; `slot` is the field that takes the value.
struct Compiler<'s> {
    names: &'s NamesRef<'s>,
}

impl Compiler<'_> {
    fn shape(
        &self,
        schema: &Schema,
        slot: Option<Slot>,
        depth: usize,
    ) -> Result<Shape, SchemaRefusal> {
        if depth > DEEPEST {
            return Err(SchemaRefusal::TooDeep);
        }
        if let Schema::Ref { name } = schema {
            let named = self.names.get(name).ok_or(SchemaRefusal::NotAnEvent)?;
            return self.shape(named, slot, depth + 1);
        }
        if let Schema::Union(union) = schema {
            return self.union(union, slot, depth);
        }
        match slot.map(|slot| FIELDS.kind(slot)) {
            Some(kind) => Ok(wanted(schema, kind)),
            None => self.skipped(schema, depth),
        }
    }

    fn union(
        &self,
        union: &UnionSchema,
        slot: Option<Slot>,
        depth: usize,
    ) -> Result<Shape, SchemaRefusal> {
        let inner = |schema| self.shape(schema, slot, depth + 1);
        if let [Schema::Null, other] = union.variants() {
            return Ok(Shape::Nullable(Box::new(inner(other)?)));
        }
        let variants = union.variants().iter().map(inner);
        variants.collect::<Result<_, _>>().map(Shape::Union)
    }

    /// A value that no field takes is read over.
    fn skipped(&self, schema: &Schema, depth: usize) -> Result<Shape, SchemaRefusal> {
        let inner = |schema| self.shape(schema, None, depth + 1);
        Ok(match schema {
            Schema::Null => Shape::Null,
            Schema::Boolean => Shape::Flag,
            Schema::Int | Schema::Date | Schema::TimeMillis => Shape::Int,
            Schema::Long
            | Schema::TimeMicros
            | Schema::TimestampMillis
            | Schema::TimestampMicros
            | Schema::TimestampNanos
            | Schema::LocalTimestampMillis
            | Schema::LocalTimestampMicros
            | Schema::LocalTimestampNanos => Shape::Long,
            Schema::Float => Shape::Fixed(size_of::<f32>()),
            Schema::Double => Shape::Fixed(size_of::<f64>()),
            Schema::String | Schema::Uuid(UuidSchema::String) => Shape::Text,
            Schema::Enum(theirs) => Shape::Symbols(theirs.symbols.len()),
            Schema::Fixed(fixed)
            | Schema::Duration(fixed)
            | Schema::Uuid(UuidSchema::Fixed(fixed)) => Shape::Fixed(fixed.size),
            Schema::Decimal(decimal) => match &decimal.inner {
                InnerDecimalSchema::Fixed(fixed) => Shape::Fixed(fixed.size),
                InnerDecimalSchema::Bytes => Shape::Bytes,
            },
            Schema::Bytes | Schema::BigDecimal | Schema::Uuid(UuidSchema::Bytes) => Shape::Bytes,
            Schema::Array(array) => Shape::Array(Box::new(inner(&array.items)?)),
            Schema::Map(map) => Shape::Map(Box::new(inner(&map.types)?)),
            Schema::Record(record) => {
                let fields = record.fields.iter().map(|field| inner(&field.schema));
                Shape::Record(fields.collect::<Result<_, _>>()?)
            }
            Schema::Union(_) | Schema::Ref { .. } => return inner(schema),
        })
    }
}

/// A value that a field of this kind takes; another logical type would be misread.
fn wanted(schema: &Schema, kind: Kind) -> Shape {
    let number = matches!(kind, Kind::Instant | Kind::Day | Kind::Number);
    if let (Schema::Enum(theirs), Kind::EventType) = (schema, kind) {
        let symbols = theirs.symbols.iter();
        let types = symbols.map(|name| FIELDS.event_type(name));
        let types = types.map(|of| of.map_or(Value::UnknownType, Value::EventType));
        return Shape::EventTypes(types.collect());
    }
    if matches!(schema, Schema::Null) {
        Shape::Null
    } else if matches!((schema, kind), (Schema::Boolean, Kind::Flag)) {
        Shape::Flag
    } else if matches!(schema, Schema::Int) && number
        || matches!((schema, kind), (Schema::Date, Kind::Day))
    {
        Shape::Int
    } else if matches!(schema, Schema::Long | Schema::TimestampMicros) && kind == Kind::Instant {
        Shape::Long
    } else if matches!(
        schema,
        Schema::String | Schema::Bytes | Schema::Uuid(UuidSchema::String)
    ) && kind == Kind::Text
    {
        Shape::Text
    } else {
        Shape::Wrong
    }
}

/// What is left of a datum.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn read(&mut self, shape: &Shape) -> Option<Value<'a>> {
        match shape {
            Shape::Nullable(other) => match self.long()? {
                0 => Some(Value::Unset),
                1 => self.read(other),
                _ => None,
            },
            Shape::Null => Some(Value::Unset),
            Shape::Flag => self.flag().map(Value::Flag),
            Shape::Int => self.int().map(Value::Whole),
            Shape::Long => self.long().map(Value::Whole),
            Shape::Text => self.text().map(Value::Text),
            Shape::EventTypes(types) => {
                let index = usize::try_from(self.int()?).ok()?;
                types.get(index).copied()
            }
            Shape::Union(variants) => {
                let index = usize::try_from(self.long()?).ok()?;
                self.read(variants.get(index)?)
            }
            Shape::Symbols(count) => {
                let index = usize::try_from(self.int()?).ok()?;
                (index < *count).then_some(Value::Unset)
            }
            Shape::Bytes => self.counted().map(|_| Value::Unset),
            Shape::Fixed(size) => self.take(*size).map(|_| Value::Unset),
            Shape::Array(items) => self.blocks(|bytes| bytes.read(items)),
            Shape::Map(values) => self.blocks(|bytes| {
                bytes.text()?;
                bytes.read(values)
            }),
            Shape::Record(fields) => {
                for field in fields {
                    self.read(field)?;
                }
                Some(Value::Unset)
            }
            Shape::Wrong => None,
        }
    }

    fn blocks(&mut self, item: impl Fn(&mut Self) -> Option<Value<'a>>) -> Option<Value<'a>> {
        loop {
            let mut count = self.long()?;
            if count == 0 {
                return Some(Value::Unset);
            }
            if count < 0 {
                self.long()?;
                count = count.checked_neg()?;
            }
            // Items of no bytes could be counted without end: at most one per byte that is left.
            let count = usize::try_from(count).ok()?;
            if count > self.0.len() {
                return None;
            }
            for _ in 0..count {
                item(self)?;
            }
        }
    }

    fn flag(&mut self) -> Option<bool> {
        match self.take(1)? {
            [0] => Some(false),
            [1] => Some(true),
            _ => None,
        }
    }

    fn int(&mut self) -> Option<i64> {
        self.long().filter(|&long| i32::try_from(long).is_ok())
    }

    #[inline]
    fn long(&mut self) -> Option<i64> {
        if let [byte @ ..0x80, rest @ ..] = self.0 {
            self.0 = rest;
            return Some(zigzag(u64::from(*byte)));
        }
        self.longer_long()
    }

    fn longer_long(&mut self) -> Option<i64> {
        const LONGEST: usize = 10;
        let mut value = 0;
        for (index, byte) in (0_u32..).zip(self.0.iter().take(LONGEST)) {
            value |= u64::from(byte & 0x7F) << (index * 7);
            if byte & 0x80 == 0 {
                self.take(usize::try_from(index).ok()? + 1)?;
                return Some(zigzag(value));
            }
        }
        None
    }

    fn text(&mut self) -> Option<&'a str> {
        core::str::from_utf8(self.counted()?).ok()
    }

    fn counted(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.long()?).ok()?;
        self.take(length)
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }
}

const fn zigzag(value: u64) -> i64 {
    (value >> 1).cast_signed() ^ -((value & 1).cast_signed())
}
